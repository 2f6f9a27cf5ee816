// Turns what the grammar saw into the plain tree: imports.
import type { Import, ImportedName } from './ast.ts';
import { blank } from './blank.ts';
import type { Raw, RawTree } from './rawTree.ts';

export function buildImport(raw: Raw, tree: RawTree): Import {
  const moduleName = tree.field(raw, 'module_name');
  const names: ImportedName[] = [];
  for (const part of tree.children(raw)) {
    if (tree.typeOf(part) === 'wildcard_import') {
      names.push({
        name: '*',
        alias: undefined,
        start: tree.start(part),
        end: tree.end(part),
      });
    } else if (tree.fieldOf(part) === 'name' && tree.typeOf(part) === 'aliased_import') {
      const name = tree.field(part, 'name');
      const alias = tree.field(part, 'alias');
      names.push({
        name: name === undefined ? '' : compact(tree.textOf(name)),
        alias: alias === undefined ? undefined : tree.textOf(alias),
        start: tree.start(part),
        end: tree.end(part),
      });
    } else if (tree.fieldOf(part) === 'name') {
      names.push({
        name: compact(tree.textOf(part)),
        alias: undefined,
        start: tree.start(part),
        end: tree.end(part),
      });
    }
  }
  let from: string | undefined;
  if (moduleName !== undefined) from = compact(tree.textOf(moduleName));
  else if (tree.typeOf(raw) === 'future_import_statement') from = '__future__';
  return { kind: 'Import', ...blank(tree.start(raw), tree.end(raw)), from, names };
}

function compact(name: string): string {
  return name.replace(/[\s\\]+/g, '');
}
