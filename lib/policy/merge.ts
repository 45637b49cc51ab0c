/** Lays the layers of a policy over one another. */
import type {
  Exemption,
  Override,
  PartialSettings,
  Policy,
  RegistryPolicy,
  SignPolicy,
  TrustPolicy,
} from '../model/policy.ts';
import { mergeSettings } from '../model/settings.ts';
import type { Layer } from './extends.ts';
import { defaultSettings, presets } from './presets.ts';
import type { PolicyFile } from './schema.ts';

/** A policy without the two things only its file can tell. */
export type MergedPolicy = Omit<Policy, 'path' | 'files' | 'digest'>;

const DEFAULT_TRUST: TrustPolicy = { root: { kind: 'public-good' }, refresh: 'daily' };
const DEFAULT_SIGN: SignPolicy = {
  provenance: 'auto',
  identity: 'ambient',
  required: true,
  publicLogForPrivatePackages: 'refuse',
};

/**
 * What the layers come to, later ones winning. Settings merge option by option; overrides and exemptions follow one another; a registry
 * named again replaces the one before. Layers that name no preset, and do not ask for nothing either, stand on `recommended`: a
 * policy that only adds an exemption must not switch every check off.
 */
export function mergeLayers(layers: readonly Layer[]): MergedPolicy {
  const grounded = layers.some(({ kind }) => kind === 'preset' || kind === 'nothing');
  const all: readonly Layer[] = grounded ? layers : [{ kind: 'preset', name: 'recommended' }, ...layers];
  const files = all.flatMap((layer): readonly PolicyFile[] => (layer.kind === 'file' ? [layer.content] : []));
  return {
    settings: all.map(checksOf).reduce(mergeSettings, defaultSettings),
    overrides: files.flatMap((file): readonly Override[] => file.overrides ?? []),
    exemptions: files.flatMap((file): readonly Exemption[] => file.exemptions ?? []),
    registries: registriesOf(files),
    trust: laidOver(
      DEFAULT_TRUST,
      files.map((file) => file.trust),
    ),
    sign: laidOver(
      DEFAULT_SIGN,
      files.map((file) => file.sign),
    ),
  };
}

function checksOf(layer: Layer): PartialSettings {
  switch (layer.kind) {
    case 'preset':
      return presets[layer.name];
    case 'file':
      return layer.content.checks ?? {};
    case 'nothing':
      return {};
  }
}

function registriesOf(files: readonly PolicyFile[]): readonly RegistryPolicy[] {
  const byUrl = new Map<string, RegistryPolicy>();
  for (const { registries } of files)
    for (const registry of registries ?? []) byUrl.set(registry.url, registry);
  return [...byUrl.values()];
}

function laidOver<T extends object>(base: T, stated: readonly (Partial<T> | undefined)[]): T {
  let laid = base;
  for (const layer of stated) laid = { ...laid, ...layer };
  return laid;
}
