/** Says hello. */
export const greet = (name) => `Hello, ${name}!`;
