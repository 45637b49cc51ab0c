/** Spells a package: `name@version` for people, purl for statements. */
import type { PackageId } from '../model/package.ts';

/** `name@version`. */
export function specOf(id: PackageId): string {
  return `${id.name}@${id.version}`;
}

/**
 * The package URL npm puts into statements (purl specification, type `npm`): `pkg:npm/%40scope/name@1.2.3`.
 * npm escapes only the scope's at-sign.
 */
export function purlOf(id: PackageId): string {
  return `pkg:npm/${id.name.replace(/^@/, '%40')}@${id.version}`;
}

/** Splits `name[@range]`, minding scopes. `range` is absent when there is no `@` after the name. */
export function splitSpec(spec: string): { readonly name: string; readonly range?: string } {
  const at = spec.indexOf('@', 1);
  return at === -1 ? { name: spec } : { name: spec.slice(0, at), range: spec.slice(at + 1) };
}

/** Is this a name the npm registry could hold? Hostile lockfiles carry others. */
export function isPackageName(name: string): boolean {
  return name.length <= 214 && /^(?:@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*$/i.test(name);
}
