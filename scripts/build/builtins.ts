/** Takes Node's own modules from the process instead of importing them. */

/**
 * A bundle that asks `process` for Node's modules. For an `import`, Node reads every property of the module, and so loads what stands behind
 * each: sockets for the streams of `process`, a second HTTP client behind `http`. Throws when an import is left in a form not known here.
 */
export function withoutBuiltinImports(text: string): string {
  const taken = text.replace(IMPORT, (_, clause: string, name: string) => {
    const module = name === 'node:process' ? 'process' : `process.getBuiltinModule("${name}")`;
    return constantsFor(clause.trim(), module);
  });
  const left = /^import\b.*["']node:.*$/m.exec(taken);
  if (left !== null) throw new Error(`This import of a module of Node's is left: ${left[0]}`);
  return taken;
}

// As esbuild prints it: at the beginning of a line, in double quotes.
const IMPORT = /^import ([^;"]+?) from "(node:[a-z_/0-9]+)";$/gm;

/** `a`, `* as a`, `{ b, c as d }`, or `a` before either of these. */
function constantsFor(clause: string, module: string): string {
  const [, first, , rest] = /^([\w$]+)?(,\s*)?(\*.*|\{[\s\S]*\})?$/.exec(clause) ?? [];
  const whole = first === undefined || first === 'process' ? [] : [`const ${first} = ${module};`];
  if (rest === undefined) return whole.join('');
  const taken = rest.startsWith('*')
    ? `const ${rest.replace(/^\*\s+as\s+/, '')} = ${module};`
    : `const ${rest.replaceAll(/\s+as\s+/g, ': ')} = ${module};`;
  return [...whole, taken].join(' ');
}
