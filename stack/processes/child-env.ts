/**
 * Environment of a program that must not see ours: `PATH` and `HOME` of it, and `set`. Not how
 * anything of Backtide is configured.
 */
export function childEnv(set: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME, ...set }
}
