/** Puts the call of the gate in front of a script of package.json. */

/** The scripts of a root package.json that call the gate. */
export type ScriptName = 'preinstall' | 'dependencies';

/** A script with the gate in front, or why it cannot be written. */
export type GatedScript =
  | { readonly kind: 'already' }
  | { readonly kind: 'gated'; readonly script: string }
  | { readonly kind: 'by-hand'; readonly because: string };

/**
 * The gate by the path of the running node, since a dependency may ship a command of any name. One line for both shells: to `sh` all behind
 * `#` is a comment. To Windows' `cmd` the first word is a file that is not there (it has a slash in it, so no folder of commands is searched),
 * and what stands behind `||` runs. Without the variable both fail.
 */
export function gateCall(name: ScriptName): { readonly sh: string; readonly cmd: string } {
  const gate = `.npmsign/gate.mjs ${name}`;
  return { sh: `"\${npm_node_execpath-/}" ${gate}`, cmd: `"%npm_node_execpath%" ${gate}` };
}

/** The script with the gate in front of whatever the project has there; only if the gate opens is that run. */
export function gatedScript(name: ScriptName, existing: string | undefined): GatedScript {
  const { sh, cmd } = gateCall(name);
  if (existing === undefined || existing.trim() === '') return { kind: 'gated', script: `${sh} # || ${cmd}` };
  if (startsWithGate(name, existing)) return { kind: 'already' };
  if (/[#\r\n]/.test(existing)) {
    const because = `scripts.${name} holds a comment or several lines; write  ${sh} &&  in front of it`;
    return { kind: 'by-hand', because };
  }
  // Without brackets, what stands behind an operator of the project's own would run although the gate refused. Behind a closing one cmd
  // accepts nothing but an operator, not even what it is never going to run.
  if (!/[|;&]/.test(existing.replaceAll('&&', '')))
    return { kind: 'gated', script: `${sh} && ${existing} # || ${cmd} && ${existing}` };
  return { kind: 'gated', script: `${sh} && (${existing}) && exit 0 # || ${cmd} && (${existing})` };
}

/** Is the gate what runs first? Any of the spellings that call it by the running node count. */
function startsWithGate(name: ScriptName, script: string): boolean {
  const { sh, cmd } = gateCall(name);
  const calls = [sh, cmd, `"$npm_node_execpath" .npmsign/gate.mjs ${name}`];
  return calls.some(
    (call) => script === call || script.startsWith(`${call} && `) || script.startsWith(`${call} # `),
  );
}
