/** Loaded into a process, and so into each of its threads, by `--import`: writes a line for each signature it asks OpenSSL to verify to the file NPMSIGN_BENCH_COUNTS names. */
import crypto from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const file = process.env.NPMSIGN_BENCH_COUNTS;

// At once: a thread that ends with its process is not asked for what it has counted.
function count(what) {
  if (file !== undefined) appendFileSync(file, `${what}\n`);
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
