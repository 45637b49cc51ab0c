/** Tells a person's machine from one that builds for everybody. */

/** Set by the services that run builds, whatever else they set. */
const MARKS: readonly string[] = [
  'APPVEYOR',
  'BITBUCKET_BUILD_NUMBER',
  'BUILDKITE',
  'BUILD_ID',
  'BUILD_NUMBER',
  'CIRCLECI',
  'CIRRUS_CI',
  'CI_NAME',
  'CODEBUILD_BUILD_ID',
  'CONTINUOUS_INTEGRATION',
  'DRONE',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'JENKINS_URL',
  'NETLIFY',
  'SEMAPHORE',
  'TEAMCITY_VERSION',
  'TF_BUILD',
  'TRAVIS',
  'VERCEL',
];

/** Is this CI? Anything but a plain no counts as yes. */
export function isCi(env: Readonly<Record<string, string | undefined>>): boolean {
  const stated = env['CI'] ?? '';
  return !['', '0', 'false'].includes(stated) || MARKS.some((mark) => (env[mark] ?? '') !== '');
}
