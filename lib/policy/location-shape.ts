/** The shapes of texts that say where something is: a file, or a web address. */
import { fileFault, urlFault } from './faults.ts';
import { type Shape, text } from './shape.ts';

/** An http(s) URL. */
export function webAddress(description: string): Shape<string> {
  return text({ description, fault: urlFault, schema: { pattern: '^https?://' } });
}

/** A file, relative to the policy file; reads as an absolute path. */
export function filePath(description: string): Shape<string> {
  const shape = text({ description, fault: fileFault });
  return {
    ...shape,
    read(value, place) {
      const path = shape.read(value, place);
      return path === undefined ? undefined : place.resolve(path);
    },
  };
}
