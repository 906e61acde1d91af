// Marks of prose that has to be read twice, in comments and in pages. CONTRIBUTING.md has the five rules behind them.
import ts from 'typescript-api';
import { withoutFences } from './links.ts';

/** Words that stand in the place of a noun or of `if`, wherever they stand. */
const standIns: readonly RegExp[] = [/\bwhere\b/gi, /\bwhat\b/gi];

/** Private pictures in the place of the field's words. */
const pictures: readonly RegExp[] = [
  /\bhearsay\b/gi,
  /\blets? go of\b/gi,
  /\b(?:has|have) the ear of\b/gi,
  /\b(?:server|page)['’]s ear\b/gi,
];

/** First words that hide the subject of a sentence. `What` and `Where` are counted already. */
const openings = /(?:^|[.!?]["'”’)*_]*\s+)["'“‘(*_]*(?:Who|Those|Of|By)\b/gm;

export interface LanguageCount {
  words: number;
  marks: number;
}

/** A piece of prose with one paragraph, list item, heading or table cell in each line. */
export type Prose = string;

export function countLanguage(prose: Prose): LanguageCount {
  const marks = [...standIns, ...pictures, openings].map((pattern) => prose.match(pattern)?.length ?? 0);
  return {
    words: prose.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)?.length ?? 0,
    marks: marks.reduce((sum, count) => sum + count, 0),
  };
}

/** The prose of a page in Markdown, without code and without the addresses of links. */
export function proseOfMarkdown(text: string): Prose {
  const blocks = withoutFences(text)
    .replaceAll(/^[ >]*(?:[-*+]|\d+\.) +/gm, '\n')
    .replaceAll(/^#+ +(.*)$/gm, '\n$1\n')
    .replaceAll(/^\|.*\|$/gm, (row) => `\n${row.replaceAll(/(?<!\\)\|/g, '\n\n')}\n`);
  return linesOf(blocks);
}

/** The prose of a file's comments, without code, tags and names that a comment links to. */
export function proseOfComments(file: string, text: string): Prose {
  return commentsOf(file, text)
    .map((comment) =>
      linesOf(
        comment
          .replaceAll(/^( *)```.*\n[^]*?^ *```/gm, '\n')
          .replaceAll(/\{@link [^}]*\}/g, '§')
          .replaceAll(/^ *@(?:param|template) +[\w.[\]]+/gm, '\n')
          .replaceAll(/^ *@\w+/gm, '\n')
          .replaceAll(/^ *[-*] +/gm, '\n'),
      ),
    )
    .join('\n');
}

/** One block in each line, with `§` for each piece of code. */
function linesOf(blocks: string): Prose {
  return blocks
    .replaceAll(/(`+)[^]*?\1/g, '§')
    .replaceAll(/\]\([^)]*\)/g, '')
    .replaceAll(/\bhttps?:\/\/[^\s)>]+/g, '§')
    .replaceAll('[', '')
    .split(/\n\s*\n/)
    .map((block) => block.trim().replaceAll(/\s+/g, ' '))
    .filter((block) => block !== '')
    .join('\n');
}

/** Each comment without its slashes and stars. Line comments under one another are one comment. */
function commentsOf(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    if (node.kind !== ts.SyntaxKind.JsxText && node.getChildCount(source) === 0) {
      const found = [
        ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
        ...(ts.getTrailingCommentRanges(text, node.pos) ?? []),
      ];
      for (const range of found) ranges.set(range.pos, range);
    }
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  const comments: string[] = [];
  let lineEnd = -1;
  for (const range of [...ranges.values()].toSorted((a, b) => a.pos - b.pos)) {
    const comment = text.slice(range.pos, range.end);
    if (range.kind === ts.SyntaxKind.MultiLineCommentTrivia) {
      comments.push(comment.replaceAll(/^\/\*+|\*+\/$/g, '').replaceAll(/^ *\* ?/gm, ''));
      continue;
    }
    const words = comment.replace(/^\/\/ ?/, '');
    const follows = lineEnd !== -1 && /^\n[ \t]*$/.test(text.slice(lineEnd, range.pos));
    if (follows) comments.push(`${comments.pop()}\n${words}`);
    else comments.push(words);
    lineEnd = range.end;
  }
  return comments;
}
