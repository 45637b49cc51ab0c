/** `npmsign verify-bundle`: verifies one Sigstore bundle, speaking the Sigstore conformance protocol. */
import { EXIT, UsageError } from '../../errors.ts';
import {
  type BundleOutcome,
  type BundleRequest,
  type ExpectedSigner,
  verifyBundleFile,
} from '../../index.ts';
import { tame } from '../../text/sanitize.ts';
import type { Command, Invocation } from '../command.ts';
import { flagIsOn, flagNumber, flagValue } from '../flags.ts';
import { writeOutputs } from '../output.ts';
import { requireFormats, sharedOptionsOf } from '../shared-flags.ts';

/** Says nothing on success, or with `--format json` the identity; says one line on refusal and exits 1. */
export const verifyBundleCommand: Command = {
  operands: '<file|sha256:…|sha512:…>',
  flags: [
    { name: 'bundle', value: '<file>', about: 'the bundle to verify' },
    {
      name: 'certificate-identity',
      value: '<subject>',
      about: 'the exact e-mail address or URI that must have signed',
    },
    {
      name: 'certificate-oidc-issuer',
      value: '<url>',
      about: 'the exact issuer that must have vouched for it',
    },
    {
      name: 'key',
      value: '<file>',
      about: 'the public key, in PEM, that must have signed; instead of an identity',
    },
    { name: 'unsafe-any-identity', about: 'accept whoever signed' },
    { name: 'tlog-threshold', value: '<n>', about: 'log entries required; 1 unless given' },
    { name: 'ctlog-threshold', value: '<n>', about: 'certificate log proofs required; 1 unless given' },
    {
      name: 'timestamp-threshold',
      value: '<n>',
      about: 'verified times required, of logs and authorities; 1 unless given',
    },
    { name: 'staging', about: 'refused: npmsign embeds no staging trust root' },
  ],
  notes: ['Prints nothing when the bundle holds; with --format json, the identity that signed.'],
  async run(host, invocation) {
    const options = sharedOptionsOf(invocation);
    requireFormats(options.outputs, ['pretty', 'json']);
    const request = { ...options, ...bundleRequestOf(invocation) };
    const outcome = await verifyBundleFile(host, request);
    const asked = options.outputs.filter(({ format }) => format === 'json');
    await writeOutputs(host, asked, () => `${JSON.stringify(documentOf(outcome), null, 2)}\n`);
    if (outcome.ok) return EXIT.met;
    host.err(`npmsign: the bundle is refused: ${tame(outcome.reason, 1000)} [${outcome.code}]\n`);
    return EXIT.violated;
  },
};

function bundleRequestOf(invocation: Invocation): BundleRequest {
  if (flagIsOn({ ...invocation, env: {} }, 'staging')) {
    throw new UsageError('BAD_FLAG_VALUE', '--staging is refused: npmsign embeds no staging trust root.', {
      hint: "Name staging's trusted_root.json with --trusted-root.",
    });
  }
  const bundle = own(invocation, 'bundle');
  if (bundle === undefined)
    throw new UsageError('BAD_FLAG_VALUE', 'There is no bundle to verify.', { hint: USAGE });
  return {
    bundle,
    target: targetOf(invocation),
    signer: signerOf(invocation),
    thresholds: {
      tlog: thresholdOf(invocation, 'tlog-threshold'),
      ctlog: thresholdOf(invocation, 'ctlog-threshold'),
      timestamp: thresholdOf(invocation, 'timestamp-threshold'),
    },
  };
}

const USAGE =
  'npmsign verify-bundle --bundle <file> --certificate-identity <subject> --certificate-oidc-issuer <url> <file|sha256:…|sha512:…>';

/** Exactly one way to say who must have signed. */
function signerOf(invocation: Invocation): ExpectedSigner {
  const subject = own(invocation, 'certificate-identity');
  const issuer = own(invocation, 'certificate-oidc-issuer');
  const key = own(invocation, 'key');
  const anyone = flagIsOn({ ...invocation, env: {} }, 'unsafe-any-identity');
  const named = subject !== undefined || issuer !== undefined;
  if ([named, key !== undefined, anyone].filter(Boolean).length > 1) {
    const message = 'An identity, --key and --unsafe-any-identity exclude each other.';
    throw new UsageError('BAD_FLAG_VALUE', message);
  }
  if (key !== undefined) return { kind: 'key', path: key };
  if (anyone) return { kind: 'unsafe-any' };
  if (subject !== undefined && issuer !== undefined) return { kind: 'certificate', subject, issuer };
  throw new UsageError('BAD_FLAG_VALUE', 'Nothing says who must have signed.', {
    hint: 'Give --certificate-identity and --certificate-oidc-issuer, both, or --key.',
  });
}

function targetOf({ operands }: Invocation): string {
  const [target] = operands;
  if (target === undefined || operands.length > 1) {
    const message = `npmsign verify-bundle takes one file or digest; found ${operands.length}.`;
    throw new UsageError('BAD_FLAG_VALUE', message, { hint: USAGE });
  }
  if (/^sha\d+:/i.test(target) && !/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/i.test(target)) {
    const message = `${tame(target, 160)} is not a whole sha256 or sha512 digest in hex.`;
    throw new UsageError('BAD_FLAG_VALUE', message, {
      hint: `Write ./${tame(target, 160)} if a file is meant.`,
    });
  }
  return target;
}

function thresholdOf(invocation: Invocation, name: string): number {
  return flagNumber({ ...invocation, env: {} }, name, { from: 0, to: 100 }) ?? 1;
}

/** The command's own flags have no environment variable: who must have signed is said where it is asked. */
function own(invocation: Invocation, name: string): string | undefined {
  return flagValue({ ...invocation, env: {} }, name);
}

/** The identity that signed, flat, as in a report's evidence; or why it was refused. */
function documentOf(outcome: BundleOutcome): object {
  if (!outcome.ok) return { refused: { code: outcome.code, reason: outcome.reason } };
  const { signer, loggedAt, logIndex } = outcome;
  const identity = signer.kind === 'certificate' ? signer.identity : { keyid: signer.keyid };
  return {
    ...identity,
    ...(loggedAt === undefined ? {} : { loggedAt }),
    ...(logIndex === undefined ? {} : { logIndex }),
  };
}
