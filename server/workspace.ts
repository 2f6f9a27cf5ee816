// What the language service needs of the world around a file; an editor, a folder on disk and a test each hand in their own.

/** Paths are whatever the caller uses, as long as the same file always has the same path and folders are split by `/`. */
export interface Workspace {
  /** The text of a file, with unsaved changes when there are any; undefined when it can't be read. */
  readFile(path: string): string | undefined;
  /** The file that `import name` (or `from name import`, with leading dots) in the file `from` would load, if it is part of the workspace. */
  findModule(name: string, from: string): string | undefined;
  /** The file that `import … from 'specifier'` of a script in the file `from` would load, if it is part of the workspace. */
  findScript(specifier: string, from: string): string | undefined;
}

/** Finds modules as Python does: relative ones from the file's folder, others in each root and beside the file. */
export function moduleCandidates(name: string, from: string, roots: readonly string[]): string[] {
  const folder = from.slice(0, Math.max(0, from.lastIndexOf('/')));
  const dots = /^\.*/.exec(name)![0].length;
  const parts = name
    .slice(dots)
    .split('.')
    .filter((part) => part !== '');
  let bases: string[];
  if (dots > 0) {
    let base = folder;
    for (let up = 1; up < dots; up++) base = base.slice(0, Math.max(0, base.lastIndexOf('/')));
    bases = [base];
  } else bases = [...new Set([folder, ...roots.flatMap((root) => [root, `${root}/src`])])];
  return bases.flatMap((base) => {
    const stem = [base, ...parts].join('/');
    return parts.length === 0 ? [`${stem}/__init__.py`] : [`${stem}.py`, `${stem}/__init__.py`];
  });
}

const SCRIPTS = ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'd.ts'];
/** What a name that is written with the ending of its compiled file may be before. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  js: ['ts', 'tsx', 'js', 'd.ts'],
  jsx: ['tsx', 'jsx'],
  mjs: ['mts', 'mjs'],
  cjs: ['cts', 'cjs'],
};

/** Finds scripts as bundlers do: endings left out, `index` of a folder, `@/` and `~/` for the sources of a root. */
export function scriptCandidates(
  specifier: string,
  from: string,
  roots: readonly string[],
): string[] {
  const isRooted = /^[@~]\//.test(specifier);
  const folders = isRooted
    ? roots.flatMap((root) => [`${root}/src`, root])
    : [from.slice(0, Math.max(0, from.lastIndexOf('/')))];
  const name = isRooted ? specifier.slice(2) : specifier;
  const ending = /\.(js|jsx|mjs|cjs)$/.exec(name);
  return folders.flatMap((folder) => {
    const path = joined(folder, name);
    const before = ending === null ? [] : (SOURCES[ending[1]!] ?? []);
    const stem = ending === null ? path : path.slice(0, ending.index - name.length);
    return [
      ...before.map((each) => `${stem}.${each}`),
      ...(/\.[mc]?tsx?$/.test(path) ? [path] : []),
      ...SCRIPTS.map((each) => `${path}.${each}`),
      ...SCRIPTS.map((each) => `${path}/index.${each}`),
    ];
  });
}

function joined(folder: string, path: string): string {
  const parts = folder === '' ? [] : folder.split('/');
  for (const each of path.split('/')) {
    if (each === '..') parts.pop();
    else if (each !== '.' && each !== '') parts.push(each);
  }
  return parts.join('/');
}

/** A workspace that lives in memory. */
export function memoryWorkspace(files: Readonly<Record<string, string>>): Workspace {
  return {
    readFile: (path) => files[path],
    findModule: (name, from) =>
      moduleCandidates(name, from, [''])
        .map((path) => path.replace(/^\//, ''))
        .find((path) => path in files),
    findScript: (specifier, from) =>
      scriptCandidates(specifier, from, [''])
        .map((path) => path.replace(/^\//, ''))
        .find((path) => path in files),
  };
}
