// Turn a module that imports its parts into a function that gets them handed over.
import { parseAst } from 'rolldown/parseAst';

/** Begins the name of a module whose exports are handed over. */
export const handedPrefix = 'handed-over:';

/** Names that a module has from another module. */
export interface From {
  source: string;
  names: string[];
}

/** The names that a module imports from each other module, or exports again. */
export function namesFrom(code: string): From[] {
  const found = new Map<string, Set<string>>();
  for (const statement of parseAst(code).body) {
    if (!('source' in statement) || statement.source === null) continue;
    const names = found.get(statement.source.value) ?? new Set();
    found.set(statement.source.value, names);
    if (statement.type === 'ExportAllDeclaration') names.add('*');
    else if (statement.type === 'ExportNamedDeclaration')
      for (const { local } of statement.specifiers) names.add(nameOf(local));
    else
      for (const specifier of statement.specifiers)
        names.add(specifier.type === 'ImportSpecifier' ? nameOf(specifier.imported) : '*');
  }
  return [...found].map(([source, names]) => ({ source, names: [...names].sort() }));
}

/** The names that a module exports by declarations and lists of its own. */
export function ownExportsOf(code: string): Set<string> {
  const names = new Set<string>();
  for (const statement of parseAst(code).body) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    const { declaration, specifiers } = statement;
    for (const { exported } of specifiers) names.add(nameOf(exported));
    if (declaration?.type === 'VariableDeclaration') {
      for (const { id } of declaration.declarations) if (id.type === 'Identifier') names.add(id.name);
    } else if (declaration?.type === 'FunctionDeclaration' || declaration?.type === 'ClassDeclaration') {
      if (declaration.id !== null) names.add(declaration.id.name);
    }
  }
  return names;
}

/**
 * Make a module one function. Names from modules with {@link handedPrefix} become members of the function's argument,
 * and the module's exports the members of its result.
 *
 * @throws if the module has a statement that a function cannot have.
 */
export function handOver(code: string, names: { functionName: string; argument: string }): string {
  const { functionName, argument } = names;
  const kept: string[] = [];
  const taken: string[] = [];
  const given: string[] = [];
  const cuts: { start: number; end: number }[] = [];
  for (const statement of parseAst(code).body) {
    const { start, end, type } = statement;
    if (type === 'ImportDeclaration') {
      cuts.push({ start, end });
      if (!statement.source.value.startsWith(handedPrefix)) kept.push(code.slice(start, end));
      else
        for (const specifier of statement.specifiers) {
          if (specifier.type !== 'ImportSpecifier')
            throw new Error(`a module is handed over whole: ${code.slice(start, end)}`);
          taken.push(pair(nameOf(specifier.imported), specifier.local.name));
        }
    } else if (type === 'ExportNamedDeclaration' && statement.declaration === null && !statement.source) {
      cuts.push({ start, end });
      given.push(...statement.specifiers.map(({ local, exported }) => pair(nameOf(exported), nameOf(local))));
    } else if (type.startsWith('Export')) {
      throw new Error(`an export has a form that nobody expected: ${code.slice(start, end)}`);
    }
  }
  let body = code;
  for (const { start, end } of cuts.toReversed()) body = body.slice(0, start) + body.slice(end);
  const whole = [
    ...kept,
    `export function ${functionName}(${argument}) {`,
    `const { ${taken.join(', ')} } = ${argument};`,
    body,
    `return { ${given.join(', ')} };`,
    '}\n',
  ].join('\n');
  // A statement that only a module can have, such as an await, is an error here.
  parseAst(whole);
  return whole;
}

function pair(name: string, local: string): string {
  return name === local ? name : `${name}: ${local}`;
}

/** The name of an import or export, which may be written as a string. */
function nameOf(name: { name: string } | { value: string }): string {
  return 'name' in name ? name.name : name.value;
}
