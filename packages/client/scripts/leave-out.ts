// Take functions and methods out of a library's modules that the vault worker never calls. A bundler keeps every method
// of a class, and every function that one of them names.
import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** The parts of one module that are left out. */
export interface LeftOut {
  /** Functions, and methods that the library itself asks for. Each throws if it is called. */
  throwing?: readonly string[];
  /** Functions that do nothing any more. */
  emptied?: readonly string[];
  /** Methods, as `Class.method`. There is none to call. */
  removed?: readonly string[];
}

interface Node {
  type: string;
  start: number;
  end: number;
  id?: Node | null;
  key?: Node;
  name?: string;
  value?: Node | null;
  init?: Node | null;
  callee?: Node;
  arguments?: Node[];
  body?: Node | Node[];
}

const throwing = "{ throw new Error('left out of the vault worker'); }";

/**
 * @param modules the parts by the end of their module's path. The build fails if one of them is not there, so that a
 * newer release of the library is looked at again.
 */
export function leaveOut(modules: Readonly<Record<string, LeftOut>>): Plugin {
  return {
    name: 'leave-out',
    transform: (code, id) => {
      const entry = Object.entries(modules).find(([path]) => id.endsWith(path));
      if (entry === undefined) return undefined;
      const [path, { throwing: functions = [], emptied = [], removed = [] }] = entry;
      const named = namedNodes(parse(code, id));
      const cuts = [
        ...removed.map((name) => ({ ...spanOf(named, path, name), text: '' })),
        ...functions.map((name) => ({ ...bodyOf(spanOf(named, path, name)), text: throwing })),
        ...emptied.map((name) => ({ ...bodyOf(spanOf(named, path, name)), text: '{}' })),
      ].sort((a, b) => b.start - a.start);
      let left = code;
      for (const { start, end, text } of cuts) left = left.slice(0, start) + text + left.slice(end);
      return left;
    },
  };
}

/**
 * Take the sentences out of the errors of libraries. Every check stays. The vault gives its own code for such an error,
 * so nobody reads the sentence.
 */
export function withoutSentences(libraries: RegExp): Plugin {
  return {
    name: 'without-sentences',
    transform: (code, id) => {
      if (!libraries.test(id)) return undefined;
      let left = code;
      for (const { start, end } of sentencesIn(parse(code, id)).sort((a, b) => b.start - a.start))
        left = left.slice(0, start) + left.slice(end);
      return left;
    },
  };
}

/** The arguments of every new error. */
function sentencesIn(program: Node): Pick<Node, 'start' | 'end'>[] {
  const found: Pick<Node, 'start' | 'end'>[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    if (typeof value !== 'object' || value === null || !('type' in value)) return;
    const { type, callee, arguments: given = [] } = value as Node;
    const [first] = given;
    if (type === 'NewExpression' && /^(?:Type|Range)?Error$/.test(callee?.name ?? '') && first !== undefined)
      found.push({ start: first.start, end: (given.at(-1) as Node).end });
    else for (const child of Object.values(value)) visit(child);
  };
  visit(program);
  return found;
}

function parse(code: string, id: string): Node {
  return parseAst(code, { lang: id.endsWith('.ts') ? 'ts' : 'js' }) as unknown as Node;
}

function spanOf(named: Map<string, Node>, path: string, name: string): Node {
  const node = named.get(name);
  if (node === undefined) throw new Error(`${path} has no ${name} any more`);
  return node;
}

function bodyOf(node: Node): Node {
  return (node.value ?? node.init ?? node).body as Node;
}

/** The functions of a module by their names, and the methods of its classes and objects as `Class.method`. */
function namedNodes(program: Node): Map<string, Node> {
  const named = new Map<string, Node>();
  const visit = (value: unknown, owner: string): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, owner);
    if (typeof value !== 'object' || value === null || !('type' in value)) return;
    const node = value as Node;
    const name = node.id?.name ?? node.key?.name;
    const isFunction = node.type === 'FunctionDeclaration' || node.init?.type === 'ArrowFunctionExpression';
    if (isFunction && name !== undefined) named.set(name, node);
    const isMethod = node.type === 'MethodDefinition' || node.value?.type === 'FunctionExpression';
    if (isMethod && name !== undefined) named.set(`${owner}.${name}`, node);
    const own = node.type === 'ClassDeclaration' || node.type === 'VariableDeclarator' ? name : undefined;
    for (const child of Object.values(node)) visit(child, own ?? owner);
  };
  visit(program, '');
  return named;
}
