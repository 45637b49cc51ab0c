/** States what a bundle is made of, as a CycloneDX bill of materials. */
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { purlOf } from '../../lib/text/package-id.ts';
import type { BundledPackage } from './packages.ts';

/** The released package itself. */
export type Release = { readonly name: string; readonly version: string; readonly license: string };

/** A CycloneDX 1.6 document in JSON: the release, and every package inside it. The same input gives the same bytes. */
export function sbomText(release: Release, packages: readonly BundledPackage[]): string {
  const main = componentOf(release, Enums.ComponentType.Application);
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: main }) });
  for (const found of packages) {
    const component = componentOf(found, Enums.ComponentType.Library);
    bom.components.add(component);
    main.dependencies.add(component.bomRef);
  }
  const normalizers = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(normalizers).serialize(bom, { sortLists: true, space: 2 });
}

function componentOf(of: Release, type: Enums.ComponentType): Models.Component {
  const scope = /^(@[^/]+)\//.exec(of.name)?.[1];
  const purl = purlOf(of);
  const component = new Models.Component(
    type,
    scope === undefined ? of.name : of.name.slice(scope.length + 1),
    {
      ...(scope === undefined ? {} : { group: scope }),
      version: of.version,
      bomRef: purl,
      purl,
    },
  );
  component.licenses.add(licenceOf(of.license));
  return component;
}

function licenceOf(text: string): Models.SpdxLicense | Models.LicenseExpression {
  return /^[\w.+-]+$/.test(text) ? new Models.SpdxLicense(text) : new Models.LicenseExpression(text);
}
