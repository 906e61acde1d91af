// Finds equality operators with bytes on a side. A comparison that stops at the first difference tells its position
// by its time. Only constantTimeEqual compares bytes.
import ts from 'typescript-api';

export interface Finding {
  file: string;
  line: number;
  text: string;
}

const equality = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** Functions that turn bytes into text, by us or by the platform. */
const encoders =
  /^(?:encode(?:Base64url|Hex)|bytesToHex|bytesToUtf8|credentialIdOf|btoa|toHex|toBase64|toString|decode|encode|digest|join)$/;
/** Methods that give an element of a byte array. */
const elementReaders = /^(?:at|readUInt\d*\w*|readInt\d*\w*|find|findLast|pop|shift)$/;
const byteTypes =
  /^(?:Uint8Array|Uint8ClampedArray|Int8Array|Buffer|ArrayBuffer|SharedArrayBuffer|DataView)$/;

/**
 * Look through every source file of a program.
 *
 * @param allowed whether a file may compare bytes, which only the helper may.
 */
export function findByteEquality(program: ts.Program, allowed: (file: string) => boolean): Finding[] {
  const checker = program.getTypeChecker();
  const findings: Finding[] = [];
  for (const source of program.getSourceFiles()) {
    if (source.isDeclarationFile || source.fileName.includes('node_modules') || allowed(source.fileName))
      continue;
    visit(source, (node) => {
      for (const side of comparedSides(node)) {
        if (!holdsBytes(checker, side, new Set())) continue;
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        findings.push({ file: source.fileName, line: line + 1, text: node.getText() });
        break;
      }
    });
  }
  return findings;
}

function comparedSides(node: ts.Node): ts.Expression[] {
  if (ts.isBinaryExpression(node) && equality.has(node.operatorToken.kind)) {
    const sides = [node.left, node.right];
    // A check for missing bytes is no comparison of bytes.
    return sides.some(isNothing) ? [] : sides;
  }
  if (ts.isSwitchStatement(node)) return [node.expression];
  if (ts.isCallExpression(node) && node.expression.getText() === 'Object.is') return [...node.arguments];
  return [];
}

function isNothing(node: ts.Expression): boolean {
  return node.kind === ts.SyntaxKind.NullKeyword || node.getText() === 'undefined';
}

/**
 * Whether an expression is bytes, an element of bytes, or text made from bytes. Variables and operators are
 * followed.
 */
function holdsBytes(checker: ts.TypeChecker, node: ts.Expression, seen: Set<ts.Node>): boolean {
  if (seen.has(node)) return false;
  seen.add(node);
  const again = (next: ts.Expression): boolean => holdsBytes(checker, next, seen);
  if (isByteType(checker, checker.getTypeAtLocation(node))) return true;
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node))
    return again(node.expression);
  if (ts.isAwaitExpression(node) || ts.isPrefixUnaryExpression(node))
    return again(ts.isAwaitExpression(node) ? node.expression : node.operand);
  if (ts.isConditionalExpression(node)) return again(node.whenTrue) || again(node.whenFalse);
  if (ts.isBinaryExpression(node)) return isComparison(node) ? false : again(node.left) || again(node.right);
  if (ts.isTemplateExpression(node)) return node.templateSpans.some((span) => again(span.expression));
  if (ts.isElementAccessExpression(node)) return again(node.expression);
  if (ts.isCallExpression(node)) return isFromBytes(checker, node, again);
  if (ts.isIdentifier(node)) {
    const declaration = checker.getSymbolAtLocation(node)?.valueDeclaration;
    return declaration !== undefined && isDeclaredFromBytes(checker, declaration, again);
  }
  return false;
}

function isComparison(node: ts.BinaryExpression): boolean {
  const { kind } = node.operatorToken;
  return (
    equality.has(kind) ||
    (kind >= ts.SyntaxKind.LessThanToken && kind <= ts.SyntaxKind.GreaterThanEqualsToken)
  );
}

/** A call that encodes bytes, or takes an element of them. */
function isFromBytes(
  checker: ts.TypeChecker,
  call: ts.CallExpression,
  again: (node: ts.Expression) => boolean,
): boolean {
  const callee = call.expression;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();
  const receiver = ts.isPropertyAccessExpression(callee) ? callee.expression : undefined;
  if (elementReaders.test(name)) return receiver !== undefined && again(receiver);
  if (!encoders.test(name)) {
    // Methods of strings give text of the same origin.
    return receiver !== undefined && isText(checker, receiver) && isText(checker, call) && again(receiver);
  }
  return (
    name === 'credentialIdOf' || (receiver !== undefined && again(receiver)) || call.arguments.some(again)
  );
}

function isDeclaredFromBytes(
  checker: ts.TypeChecker,
  declaration: ts.Declaration,
  again: (node: ts.Expression) => boolean,
): boolean {
  if (ts.isVariableDeclaration(declaration)) {
    if (declaration.initializer !== undefined) return again(declaration.initializer);
    const loop = declaration.parent.parent;
    return ts.isForOfStatement(loop) && again(loop.expression);
  }
  if (ts.isBindingElement(declaration)) {
    const pattern = declaration.parent;
    if (!ts.isArrayBindingPattern(pattern)) return false;
    const owner = pattern.parent;
    return ts.isVariableDeclaration(owner) && owner.initializer !== undefined
      ? again(owner.initializer)
      : isByteType(checker, checker.getTypeAtLocation(pattern));
  }
  return false;
}

function isText(checker: ts.TypeChecker, node: ts.Expression): boolean {
  return (checker.getTypeAtLocation(node).flags & ts.TypeFlags.StringLike) !== 0;
}

function isByteType(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (type.isUnionOrIntersection()) return type.types.some((part) => isByteType(checker, part));
  const symbol = type.getSymbol();
  if (symbol !== undefined && byteTypes.test(symbol.name)) return true;
  return (type.isClassOrInterface() ? (checker.getBaseTypes(type) ?? []) : []).some((base) =>
    isByteType(checker, base),
  );
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.forEachChild((child) => visit(child, look));
}
