// The links of pages in Markdown, and the headings that they can lead to.
import { posix } from 'node:path';

/** Blocks of code. */
const fences = /^( *)(`{3,}|~{3,}).*\n[^]*?^\1\2`* *$/gm;

/** Pages by their path, with slashes. */
export type Pages = ReadonlyMap<string, string>;

interface Link {
  /** With its text, as it stands in the page. */
  whole: string;
  text: string;
  /** The page, file or folder, from the root. It is the page itself if the link has an anchor only. */
  path: string;
  anchor: string | undefined;
}

/** Each relative link that leads to no file, or to no heading of a page. */
export function findBrokenLinks(pages: Pages, exists: (path: string) => boolean): string[] {
  const anchors = new Map([...pages].map(([path, text]) => [path, anchorsOf(text)]));
  return [...pages].flatMap(([page, text]) =>
    relativeLinks(page, text).flatMap(({ whole, path, anchor }) => {
      if (!pages.has(path) && !exists(path)) return [`${page}: there is no ${path}: ${whole}`];
      if (anchor === undefined) return [];
      return anchors.get(path)?.has(anchor) === true ? [] : [`${page}: ${path} has no #${anchor}: ${whole}`];
    }),
  );
}

/** The page with the bare text in the place of links that `keeps` does not keep. */
export function withoutLinks(page: string, text: string, keeps: (path: string) => boolean): string {
  return relativeLinks(page, text)
    .filter(({ path }) => !keeps(path))
    .reduce((rest, { whole, text: bare }) => rest.replaceAll(whole, bare), text);
}

/** The files of the repository that a page names in its prose, by their path from the root. */
export function namedFiles(text: string): string[] {
  const folders = 'packages|e2e|scripts|examples|bench|findings';
  const named = withoutFences(text).matchAll(new RegExp(`\`((?:${folders})/[\\w./-]+\\.\\w+)\``, 'g'));
  return [...named].map(([, path = '']) => path);
}

function relativeLinks(page: string, text: string): Link[] {
  const masked = withoutCode(text);
  return [...masked.matchAll(/\[([^[\]]*)\]\(([^()\s]+)\)/g)].flatMap((match) => {
    const [found = '', bare = '', address = ''] = match;
    if (/^[a-z][a-z+.-]*:/i.test(address)) return [];
    const whole = text.slice(match.index, match.index + found.length);
    const [file = '', anchor] = address.split('#');
    const path = file === '' ? page : posix.join(posix.dirname(page), file);
    return [{ whole, text: whole.slice(1, 1 + bare.length), path, anchor }];
  });
}

/** The text with another character in the place of each one of code, so that all others stay at their place. */
function withoutCode(text: string): string {
  const mask = (code: string): string => code.replaceAll(/[^\n]/g, '§');
  return text.replaceAll(fences, mask).replaceAll(/(`+)[^`][^]*?\1/g, mask);
}

/** A page without its blocks of code. */
export function withoutFences(text: string): string {
  return text.replaceAll(fences, '');
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const counts = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}
