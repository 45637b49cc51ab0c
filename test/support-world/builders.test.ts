/** Proves that the ordinary is ordinary. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { aManifest, anEvidence, aPackage, aPolicy, aSubject, without } from '../support/builders.ts';
import { aHost } from '../support/host.ts';

describe('builders', () => {
  it('make a package whose integrity is well formed', () => {
    const { integrity } = aPackage();
    assert.deepEqual(parseIntegrity(integrity?.text ?? ''), integrity);
  });

  it('make evidence that fits the package, whatever its name', () => {
    const pkg = aPackage({ id: { name: 'left-pad', version: '1.3.0' } });
    const { manifest } = aSubject({ package: pkg }).evidence;
    assert.ok(manifest.status === 'told' && pkg.source.kind === 'registry');
    assert.equal(manifest.value.integrity, pkg.integrity?.text);
    assert.equal(manifest.value.tarball, pkg.source.resolved);
  });

  it('take partial overrides, and take fields away', () => {
    assert.equal(anEvidence({ publish: { status: 'absent' } }).publish.status, 'absent');
    assert.ok(!('integrity' in without(aManifest(), 'integrity')));
    const { settings } = aPolicy({
      settings: { provenance: { level: 'error', options: { required: true } } },
    });
    assert.equal(settings.provenance.level, 'error');
    assert.equal(settings['minimum-age'].level, 'off');
  });
});

describe('a fake host', () => {
  it('remembers what was written to it and lives in a directory of its own', () => {
    const host = aHost({ env: { CI: 'true' } });
    host.out('report');
    host.err('progress ');
    host.err('notes');
    assert.deepEqual([host.stdout(), host.stderr(), host.env['CI']], ['report', 'progress notes', 'true']);
    assert.ok(existsSync(host.cwd));
    assert.notEqual(aHost().cwd, host.cwd);
  });
});
