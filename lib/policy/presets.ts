/** The policies that ship with npmsign: `observe`, `recommended` and `strict` (SPEC 3). */
import type { CheckId, PartialSettings, Settings } from '../model/policy.ts';
import { checkIds, checkShapes } from './check-shapes.ts';
import type { PRESET_NAMES } from './faults.ts';

/** The name of a preset. */
export type PresetName = (typeof PRESET_NAMES)[number];

/** Every check off, with the options it has until somebody says otherwise. */
export const defaultSettings: Settings = offSettings();

// Checks of identity are in no preset: who may sign a package is for the project to say, and without an answer they would
// fail for every package. Lists are not stated either, so that a preset named after another file leaves that file's lists alone.
const recommended: PartialSettings = named('recommended', {
  'lockfile-integrity': { level: 'error' },
  'lockfile-resolved': { level: 'error' },
  'package-source': { level: 'error' },
  'install-script': { level: 'error' },
  'reserved-bin': { level: 'error' },
  'registry-signature': { level: 'error', options: { required: false } },
  'publish-attestation': { level: 'error', options: { required: false } },
  provenance: { level: 'error', options: { required: false } },
  'declared-repository': { level: 'warn' },
  'minimum-age': { level: 'error', options: { days: 1 } },
  'provenance-regression': { level: 'error', options: { baseline: 'major' } },
  'locked-signer': { level: 'error' },
});

const strict: PartialSettings = named('strict', {
  ...recommended,
  'registry-signature': { level: 'error', options: { required: true } },
  provenance: { level: 'error', options: { required: true } },
  'declared-repository': { level: 'error' },
});

/** What each preset states. `observe` asks everything `strict` asks, and only warns. */
export const presets: { readonly [Name in PresetName]: PartialSettings } = {
  observe: named('observe', warned(strict)),
  recommended,
  strict,
};

function offSettings(): Settings {
  const off = checkIds.map((id) => [id, { level: 'off', options: checkShapes[id].defaults }] as const);
  // One entry for each id, with the defaults of that very check.
  return Object.fromEntries(off) as unknown as Settings;
}

function warned(settings: PartialSettings): PartialSettings {
  return each(settings, (setting) => ({ ...setting, level: 'warn' }));
}

function named(preset: PresetName, settings: PartialSettings): PartialSettings {
  return each(settings, (setting) => ({ ...setting, at: preset }));
}

type Stated = NonNullable<PartialSettings[CheckId]>;

function each(settings: PartialSettings, change: (setting: Stated) => object): PartialSettings {
  // The keys stay, and `change` keeps the options of each check.
  return Object.fromEntries(Object.entries(settings).map(([id, setting]) => [id, change(setting)]));
}
