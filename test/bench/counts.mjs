/** Loaded into a process by `--import`: counts the signatures it asks OpenSSL to verify, and writes them to the file NPMSIGN_BENCH_COUNTS names. */
import crypto from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const counts = {};

function count(what) {
  counts[what] = (counts[what] ?? 0) + 1;
}

function curveOf(key) {
  return key?.asymmetricKeyDetails?.namedCurve ?? 'another key';
}

const { verify, createVerify, X509Certificate } = crypto;
crypto.verify = function counted(algorithm, data, key, ...rest) {
  count(curveOf(key.key ?? key));
  return verify.call(this, algorithm, data, key, ...rest);
};
crypto.createVerify = (...args) => {
  count('createVerify');
  return createVerify(...args);
};
const { verify: verifyCertificate } = X509Certificate.prototype;
X509Certificate.prototype.verify = function counted(key) {
  count(curveOf(key));
  return verifyCertificate.call(this, key);
};
syncBuiltinESMExports();

process.once('exit', () => {
  const file = process.env.NPMSIGN_BENCH_COUNTS;
  if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
});
