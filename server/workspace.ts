// What the language service needs of the world around a file; an editor, a folder on disk and a test each hand in their own.

/** Paths are whatever the caller uses, as long as the same file always has the same path and folders are split by `/`. */
export interface Workspace {
  /** The text of a file, with unsaved changes when there are any; undefined when it can't be read. */
  readFile(path: string): string | undefined;
  /** The file that `import name` (or `from name import`, with leading dots) in the file `from` would load, if it is part of the workspace. */
  findModule(name: string, from: string): string | undefined;
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

/** A workspace that lives in memory. */
export function memoryWorkspace(files: Readonly<Record<string, string>>): Workspace {
  return {
    readFile: (path) => files[path],
    findModule: (name, from) =>
      moduleCandidates(name, from, [''])
        .map((path) => path.replace(/^\//, ''))
        .find((path) => path in files),
  };
}
