/** Stands in for cosmiconfig's loaders: data is read, scripts are refused. */
import { parse } from 'yaml';

type Loader = (path: string, text: string) => unknown;

/** Reads JSON. */
export const loadJson: Loader = (_path, text) => JSON.parse(text);

/** Reads YAML. */
export const loadYaml: Loader = (_path, text) => parse(text);

/** Refuses a script. */
export const loadJsSync: Loader = () => {
  throw new Error('A policy is data; npmsign loads no script.');
};

/** Refuses a script. */
export const loadJs = async (path: string): Promise<unknown> => loadJsSync(path, '');
