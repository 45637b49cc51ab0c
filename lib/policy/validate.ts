/** Holds a policy file to its shape, collecting every issue with its path and line. */
import { dirname, resolve } from 'node:path';
import { PolicyFileError, type PolicyIssue } from '../errors.ts';
import type { DocumentPath, ParsedDocument } from '../text/document.ts';
import { tame } from '../text/sanitize.ts';
import { type PolicyFile, policyShape } from './schema.ts';
import type { Place } from './shape.ts';

/** Where a policy file is. */
export type Origin = {
  /** Absolute path. */
  readonly file: string;
  /** The path relative to the project, for people. */
  readonly shown: string;
  /** Where the policy stands inside the file: `['npmsign']` in a `package.json`. */
  readonly within: DocumentPath;
};

const MAX_ISSUES = 100;

/** The policy in a document. Throws `PolicyFileError` (`POLICY_INVALID`) that carries every issue, at most a hundred. */
export function validatePolicy(value: unknown, { lineOf }: ParsedDocument, origin: Origin): PolicyFile {
  if (value === null) throw invalid(origin, [{ path: '', message: 'is empty', file: origin.shown }]);
  const issues: PolicyIssue[] = [];
  const read = policyShape().read(value, placeAt([], { origin, issues, lineOf }));
  if (read === undefined || issues.length > 0) throw invalid(origin, issues);
  return read;
}

type Reading = {
  readonly origin: Origin;
  readonly issues: PolicyIssue[];
  readonly lineOf: ParsedDocument['lineOf'];
};

function placeAt(path: DocumentPath, reading: Reading): Place {
  const { origin, issues, lineOf } = reading;
  const line = () => lineOf([...origin.within, ...path]) ?? lineOf(origin.within);
  return {
    path,
    resolve: (file) => resolve(dirname(origin.file), file),
    at: () => [origin.shown, line() ?? 1].join(':'),
    report(message) {
      const found = line();
      if (issues.length >= MAX_ISSUES) return;
      issues.push({
        path: pathText(path),
        message,
        file: origin.shown,
        ...(found === undefined ? {} : { line: found }),
      });
    },
    child: (key) => placeAt([...path, key], reading),
  };
}

function pathText(path: DocumentPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? tame(key, 60) : `${text}.${tame(key, 60)}`;
  }, '');
}

function invalid({ shown }: Origin, issues: readonly PolicyIssue[]): PolicyFileError {
  const [first, ...more] = issues;
  const at = first?.line === undefined ? shown : `${shown}:${first.line}`;
  const what = [first?.path, first?.message].filter((word) => word !== undefined && word !== '').join(': ');
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return new PolicyFileError('POLICY_INVALID', `${at}: ${what}${rest}`, { issues });
}
