/** Stands in for cosmiconfig's loaders: data is read, scripts are refused. */

type Loader = (path: string, text: string) => unknown;

/** Reads JSON. */
export const loadJson: Loader = (_path, text) => JSON.parse(text);

/**
 * Reads nothing. Policies have loaders of their own; the only YAML left are files of cosmiconfig's own settings, and those the search is
 * refused beside unless they say nothing to it (`lib/policy/guard.ts`).
 */
export const loadYaml: Loader = () => ({});

/** Refuses a script. */
export const loadJsSync: Loader = () => {
  throw new Error('A policy is data; npmsign loads no script.');
};

/** Refuses a script. */
export const loadJs = async (path: string): Promise<unknown> => loadJsSync(path, '');
