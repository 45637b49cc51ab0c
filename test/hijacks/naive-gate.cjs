// A gate as one would write it at first: it reads the lockfile, and fails where that lists a package named evil.
const fs = require('node:fs');
const lockfiles = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'].filter((name) =>
  fs.existsSync(name),
);
if (lockfiles.some((name) => /\bevil\b/.test(fs.readFileSync(name, 'utf8')))) {
  process.stderr.write('naive: evil may not be installed here\n');
  process.exitCode = 1;
}
