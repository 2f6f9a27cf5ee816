// A JavaScript file as the rules see it: its tree, which names it declares where, and its nodes by kind.
import type { Docs } from './jsdoc.ts';
import { child, FUNCTIONS, inner, parts } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Readable } from './readable.ts';

export interface Binding {
  readonly name: string;
  readonly kind: 'variable' | 'parameter' | 'function' | 'class' | 'import' | 'type';
  readonly scope: Scope;
  /** Where it is declared; of a function with overloads every signature. */
  readonly nodes: JsNode[];
  /** Where its name is used, the declaration aside. */
  readonly uses: JsNode[];
  /** Of an import: the module without `node:`, and the name there (`*` for the whole, `default`). */
  readonly module?: string;
  readonly imported?: string;
}

export interface Scope {
  readonly node: JsNode;
  readonly parent: Scope | undefined;
  readonly bindings: Map<string, Binding>;
  readonly types: Map<string, Binding>;
}

export interface JavascriptModel {
  readonly path: string;
  readonly text: string;
  readonly root: JsNode;
  readonly functions: readonly JsNode[];
  readonly byType: ReadonlyMap<string, readonly JsNode[]>;
  /** Modules imported or required. */
  readonly imports: ReadonlySet<string>;
  /** JSDoc's types; none where nothing of interest is said. */
  readonly docs: Docs | undefined;
  /** What an identifier means; undefined for what the file does not declare. */
  bindingOf(identifier: JsNode): Binding | undefined;
  /** The declaration a type's name means at a place. */
  typeNamed(name: string, at: JsNode): Binding | undefined;
  /** What a name would mean at a place. */
  lookup(name: string, at: JsNode): Binding | undefined;
  /** What a block declares under a name. */
  declaredIn(block: JsNode, name: string, table: 'bindings' | 'types'): Binding | undefined;
  textOf(node: JsNode): string;
}

const SCOPES = new Set([
  ...FUNCTIONS,
  'program',
  'statement_block',
  'for_statement',
  'for_in_statement',
  'catch_clause',
  'class_body',
  'switch_body',
  'function_signature',
  'internal_module',
]);

const REFERENCES = new Set(['identifier', 'shorthand_property_identifier']);

const DECLARATIONS = new Set([
  'variable_declarator',
  'function_declaration',
  'generator_function_declaration',
  'function_signature',
  'class_declaration',
  'abstract_class_declaration',
  'interface_declaration',
  'type_alias_declaration',
  'enum_declaration',
  'internal_module',
  'import_statement',
  'assignment_expression',
]);

/** What there is to do with nodes of a type, and the file's own ones: one look at the type of each node. */
interface Kind {
  readonly nodes: JsNode[];
  readonly declares: boolean;
  readonly isFunction: boolean;
  readonly opensScope: boolean;
  readonly isReference: boolean;
}

function kindOf(type: string): Kind {
  return {
    nodes: [],
    declares: DECLARATIONS.has(type),
    isFunction: FUNCTIONS.has(type),
    opensScope: SCOPES.has(type),
    isReference: REFERENCES.has(type),
  };
}

export function buildModel(
  path: string,
  { text, docs }: Pick<Readable, 'text' | 'docs'>,
  root: JsNode,
): JavascriptModel {
  const scopes = new Map<JsNode, Scope>();
  const byType = new Map<string, JsNode[]>();
  const kinds = new Map<string, Kind>();
  const functions: JsNode[] = [];
  const identifiers: JsNode[] = [];
  const identifierScopes: Scope[] = [];
  const declared = new Set<JsNode>();
  const imports = new Set<string>();
  const textOf = (node: JsNode) => text.slice(node.start, node.end);

  const declare = (
    scope: Scope,
    name: JsNode,
    kind: Binding['kind'],
    node: JsNode,
    from?: { module: string; imported: string },
  ) => {
    const key = textOf(name);
    declared.add(name);
    const table = kind === 'type' ? scope.types : scope.bindings;
    const known = table.get(key);
    if (known !== undefined && known.kind === kind) {
      known.nodes.push(node);
      return;
    }
    const binding: Binding = { name: key, kind, scope, nodes: [node], uses: [], ...from };
    table.set(key, binding);
    if (kind === 'class') scope.types.set(key, binding);
  };

  const functionScope = (scope: Scope): Scope => {
    let at = scope;
    while (
      at.parent !== undefined &&
      !FUNCTIONS.has(at.node.type) &&
      at.node.type !== 'program' &&
      !(at.node.type === 'statement_block' && at.node.parent?.type === 'internal_module')
    ) {
      at = at.parent;
    }
    return at;
  };

  const declarePattern = (
    scope: Scope,
    pattern: JsNode | undefined,
    kind: Binding['kind'],
    node: JsNode,
  ) => {
    if (pattern === undefined) return;
    if (
      pattern.type === 'identifier' ||
      pattern.type === 'shorthand_property_identifier_pattern' ||
      pattern.type === 'this'
    )
      declare(scope, pattern, kind, node);
    else if (pattern.type === 'assignment_pattern' || pattern.type === 'object_assignment_pattern')
      declarePattern(scope, child(pattern, 'left'), kind, pattern);
    else if (pattern.type === 'pair_pattern')
      declarePattern(scope, child(pattern, 'value'), kind, pattern);
    else if (/^(?:array_pattern|object_pattern|rest_pattern)$/.test(pattern.type)) {
      for (const part of pattern.children) declarePattern(scope, part, kind, part);
    }
  };

  const required = (value: JsNode | undefined): string | undefined => {
    const isAwaited = value?.type === 'await_expression';
    const call = isAwaited ? inner(value) : value;
    if (call?.type !== 'call_expression') return undefined;
    const callee = child(call, 'function');
    const loads = callee === undefined ? '' : textOf(callee);
    // Without an await `import()` is but the promise of a module.
    if (loads !== 'require' && (loads !== 'import' || !isAwaited)) return undefined;
    const name = child(call, 'arguments')?.children[0];
    return name?.type === 'string' ? moduleName(textOf(name)) : undefined;
  };

  const declareRequired = (scope: Scope, name: JsNode, module: string, node: JsNode) => {
    imports.add(module);
    if (name.type === 'identifier') declare(scope, name, 'import', node, { module, imported: '*' });
    else if (name.type === 'object_pattern') {
      for (const part of name.children) {
        const local = part.type === 'pair_pattern' ? child(part, 'value') : part;
        const imported = part.type === 'pair_pattern' ? child(part, 'key') : part;
        if (local?.type === 'identifier' || local?.type === 'shorthand_property_identifier_pattern')
          declare(scope, local, 'import', node, { module, imported: textOf(imported!) });
        else declarePattern(scope, part, 'variable', part);
      }
    } else declarePattern(scope, name, 'variable', node);
  };

  const declareImports = (scope: Scope, node: JsNode) => {
    const clause = node.children.find((each) => each.type === 'import_clause');
    const require = node.children.find((each) => each.type === 'import_require_clause');
    const source = child(require ?? node, 'source');
    if (source === undefined) return;
    const module = moduleName(textOf(source));
    imports.add(module);
    const whole = require?.children.find((each) => each.type === 'identifier');
    if (whole !== undefined) declare(scope, whole, 'import', node, { module, imported: '*' });
    for (const part of clause?.children ?? []) {
      if (part.type === 'identifier')
        declare(scope, part, 'import', node, { module, imported: 'default' });
      else if (part.type === 'namespace_import') {
        const name = inner(part);
        if (name !== undefined) declare(scope, name, 'import', node, { module, imported: '*' });
      } else {
        for (const each of part.children) {
          const name = child(each, 'name');
          const local = child(each, 'alias') ?? name;
          if (name === undefined || local === undefined) continue;
          declare(scope, local, 'import', node, { module, imported: textOf(name) });
          declared.add(name);
        }
      }
    }
  };

  const visitDeclaration = (node: JsNode, scope: Scope) => {
    const name = child(node, 'name');
    switch (node.type) {
      case 'variable_declarator': {
        if (name === undefined) return;
        const isVar = node.parent?.type === 'variable_declaration';
        const target = isVar ? functionScope(scope) : scope;
        const module = required(child(node, 'value'));
        if (module === undefined) declarePattern(target, name, 'variable', node);
        else declareRequired(target, name, module, node);
        return;
      }
      case 'function_declaration':
      case 'generator_function_declaration':
      case 'function_signature':
        if (name !== undefined) declare(scope, name, 'function', node);
        return;
      case 'class_declaration':
      case 'abstract_class_declaration':
        if (name !== undefined) declare(scope, name, 'class', node);
        return;
      case 'interface_declaration':
      case 'type_alias_declaration':
      case 'enum_declaration':
        if (name !== undefined) declare(scope, name, 'type', node);
        if (name !== undefined && node.type === 'enum_declaration')
          declare(scope, name, 'variable', node);
        return;
      case 'internal_module': {
        // `namespace A.B` declares A.
        let first = name;
        while (first !== undefined && child(first, 'object') !== undefined)
          first = child(first, 'object');
        if (first?.type === 'identifier' && !scope.bindings.has(textOf(first)))
          declare(scope, first, 'variable', node);
        return;
      }
      case 'import_statement':
        declareImports(scope, node);
        return;
      case 'assignment_expression': {
        // The grammar takes `using x = y` for an assignment, with a word before it that it does not know.
        const left = child(node, 'left');
        if (left?.type === 'identifier' && left.start > node.start)
          if (text.startsWith('using', node.start)) declare(scope, left, 'variable', node);
        return;
      }
      default:
    }
  };

  const openScope = (node: JsNode, parent: Scope | undefined): Scope => {
    const scope: Scope = { node, parent, bindings: new Map(), types: new Map() };
    scopes.set(node, scope);
    if (FUNCTIONS.has(node.type) || node.type === 'function_signature') {
      const name = child(node, 'name');
      if (node.type === 'function_expression' || node.type === 'generator_function')
        if (name !== undefined) declare(scope, name, 'function', node);
      const single = child(node, 'parameter');
      if (single !== undefined) declare(scope, single, 'parameter', single);
      for (const part of child(node, 'parameters')?.children ?? [])
        declarePattern(scope, child(part, 'pattern') ?? inner(part), 'parameter', part);
      for (const part of child(node, 'type_parameters')?.children ?? []) {
        const type = child(part, 'name');
        if (type !== undefined) declare(scope, type, 'type', part);
      }
    } else if (node.type === 'catch_clause')
      declarePattern(scope, child(node, 'parameter'), 'variable', node);
    else if (node.type === 'for_in_statement' && child(node, 'kind') !== undefined) {
      const isVar = textOf(child(node, 'kind')!) === 'var';
      const target = isVar ? functionScope(scope) : scope;
      declarePattern(target, child(node, 'left'), 'variable', node);
    }
    return scope;
  };

  const visit = (node: JsNode, outer: Scope | undefined) => {
    let kind = kinds.get(node.type);
    if (kind === undefined) {
      kind = kindOf(node.type);
      kinds.set(node.type, kind);
      byType.set(node.type, kind.nodes);
    }
    kind.nodes.push(node);
    if (kind.declares && outer !== undefined) visitDeclaration(node, outer);
    if (kind.isFunction) functions.push(node);
    // `declare global { … }` declares for the whole file.
    const isGlobal = node.type === 'statement_block' && node.parent?.type === 'ambient_declaration';
    const opens = kind.opensScope && !isGlobal;
    const scope = outer === undefined || opens ? openScope(node, outer) : outer;
    if (kind.isReference) {
      identifiers.push(node);
      identifierScopes.push(scope);
    }
    for (const each of node.children) visit(each, scope);
  };
  visit(root, undefined);

  const scopeAt = (node: JsNode): Scope => {
    let at: JsNode | undefined = node;
    while (at !== undefined) {
      const scope = scopes.get(at);
      if (scope !== undefined) return scope;
      at = at.parent;
    }
    return scopes.get(root)!;
  };
  const find = (table: 'bindings' | 'types', name: string, at: JsNode) => {
    for (let scope: Scope | undefined = scopeAt(at); scope !== undefined; scope = scope.parent) {
      const known = scope[table].get(name);
      if (known !== undefined) return known;
    }
    return undefined;
  };
  identifiers.forEach((identifier, index) => {
    bindUse(identifier, textOf(identifier), identifierScopes[index], declared);
  });
  for (const call of byType.get('call_expression') ?? []) {
    const module = required(call) ?? required(call.parent);
    if (module !== undefined) imports.add(module);
  }
  return {
    path,
    text,
    root,
    functions,
    byType,
    imports,
    docs,
    bindingOf: (identifier) => identifier.names,
    typeNamed: (name, at) => find('types', name, at),
    lookup: (name, at) => find('bindings', name, at),
    declaredIn: (block, name, table) => scopes.get(block)?.[table].get(name),
    textOf,
  };
}

/** On its own: the function around is compiled anew for every loop in it that runs long. */
function bindUse(
  identifier: JsNode,
  name: string,
  scope: Scope | undefined,
  declared: ReadonlySet<JsNode>,
): void {
  for (let at = scope; at !== undefined; at = at.parent) {
    const binding = at.bindings.get(name);
    if (binding === undefined) continue;
    identifier.names = binding;
    if (!declared.has(identifier)) binding.uses.push(identifier);
    return;
  }
}

/** Written with types, whatever the file is called. */
export function hasTypes({ path, byType, docs }: JavascriptModel): boolean {
  return /\.[mc]?tsx?$/.test(path) || (docs === undefined && byType.has('type_annotation'));
}

function moduleName(quoted: string): string {
  return quoted.slice(1, -1).replace(/^node:/, '');
}

/** The parameters of a function, without a declared `this`. */
export function parametersOf(fn: JsNode): readonly JsNode[] {
  const single = child(fn, 'parameter');
  if (single !== undefined) return [single];
  const list = child(fn, 'parameters');
  if (list === undefined) return [];
  return parts(list).filter((each) => child(each, 'pattern')?.type !== 'this');
}
