/** Lays what one place in a policy says over what held before it. */
import type { CheckId, PartialSetting, PartialSettings, Setting, Settings } from './policy.ts';

/** The settings with everything stated laid over them: level by level, option by option; a list is replaced whole. */
export function mergeSettings(base: Settings, stated: PartialSettings): Settings {
  const merged = Object.entries(base).map(([check, setting]) => {
    // `base` is a whole `Settings`: its keys are the ids of all checks, and nothing else.
    return [check, mergeSetting(setting, stated[check as CheckId])] as const;
  });
  // The same keys as in `base`, each with a setting of its own check.
  return Object.fromEntries(merged) as unknown as Settings;
}

/** One setting with what is stated laid over it. Options that are not stated stay, whatever the level becomes. */
export function mergeSetting<Id extends CheckId>(
  base: Setting<Id>,
  stated: PartialSetting<Id> | undefined,
): Setting<Id> {
  if (stated === undefined) return base;
  const at = stated.level === undefined ? base.at : stated.at;
  return {
    level: stated.level ?? base.level,
    options: { ...base.options, ...stated.options },
    ...(at === undefined ? {} : { at }),
  };
}
