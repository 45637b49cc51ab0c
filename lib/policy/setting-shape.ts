/** The shape of `checks`: a level for each check, or a level and options, as in ESLint. */
import type { CheckId, PartialSetting, PartialSettings } from '../model/policy.ts';
import { type CheckShape, checkIds, checkShapes } from './check-shapes.ts';
import { choice, type Place, record, type Shape, wrong } from './shape.ts';

const LEVELS = ['off', 'warn', 'error'] as const;

/** Settings for any of the checks. */
export function checksShape(): Shape<PartialSettings> {
  const settings = checkIds.map((id) => [id, settingShape(id)] as const);
  const shape = record(Object.fromEntries(settings), {
    noun: 'check',
    description: 'off, warn or error for each check, or [level, options].',
  });
  // Each field is read by the setting of its own check, which gives that check's options.
  return shape as Shape<PartialSettings>;
}

function settingShape<Id extends CheckId>(id: Id): Shape<PartialSetting<Id>> {
  const check = checkShapes[id];
  const level = choice(LEVELS, 'off: not asked. warn: told. error: stops the install.');
  const pair = { type: 'array', prefixItems: [level.schema, check.options.schema], items: false };
  return {
    schema: {
      anyOf: [level.schema, { ...pair, minItems: 1, maxItems: 2 }],
      description: check.about,
      default: 'off',
    },
    read(value, place) {
      const [first, second, ...rest] = Array.isArray(value) ? value : [value];
      if (rest.length > 0) return wrong(place, 'has more than a level and options');
      if (Array.isArray(value) && value.length === 0)
        return wrong(place, 'is an empty list; write [level, options]');
      const placeOf = (index: number): Place => (Array.isArray(value) ? place.child(index) : place);
      const readLevel = level.read(first, placeOf(0));
      const options = second === undefined ? {} : check.options.read(second, placeOf(1));
      if (readLevel === undefined || options === undefined) return undefined;
      return {
        level: readLevel,
        options: statedOptions(options, { check, level: readLevel }),
        at: place.at(),
      };
    },
  };
}

// `provenance: error` means that there must be provenance, whatever a preset below allows (SPEC 3, "required is true unless
// said otherwise"). Every other option that is not stated keeps the value below it.
function statedOptions<Id extends CheckId>(
  options: Partial<CheckShape<Id>['defaults']>,
  { check, level }: { readonly check: CheckShape<Id>; readonly level: (typeof LEVELS)[number] },
): Partial<CheckShape<Id>['defaults']> {
  if (level === 'off' || !('required' in check.defaults)) return options;
  return { required: true, ...options };
}
