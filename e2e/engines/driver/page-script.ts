// Runs in the pages of all engines. It finds elements as a person does, by role, name and label, and reports errors.
import { queryAllByLabelText, queryAllByRole, queryAllByText } from '@testing-library/dom';

/** A whole text, or a pattern as its source and flags. */
export type TextMatch = string | { source: string; flags: string };

export type Step = SearchStep | { by: 'index'; index: number } | { by: 'content'; text: TextMatch };

type SearchStep =
  | { by: 'role'; role: string; name?: TextMatch }
  | { by: 'label'; text: TextMatch }
  | { by: 'text'; text: TextMatch }
  | { by: 'css'; selector: string };

/** The readable properties of an element. */
export interface Seen {
  text: string;
  value: string | null;
  checked: boolean | null;
  disabled: boolean;
  focused: boolean;
  name: string | null;
  rect: { x: number; y: number; width: number; height: number };
}

function matcher(text: TextMatch): string | RegExp {
  return typeof text === 'string' ? text : new RegExp(text.source, text.flags);
}

function normalText(element: Element): string {
  return (element.textContent ?? '').replace(/\s+/gu, ' ').trim();
}

function query(container: HTMLElement, step: SearchStep): Element[] {
  switch (step.by) {
    case 'role':
      return queryAllByRole(
        container,
        step.role,
        step.name === undefined ? {} : { name: matcher(step.name) },
      );
    case 'label':
      return queryAllByLabelText(container, matcher(step.text));
    case 'text':
      return queryAllByText(container, matcher(step.text));
    case 'css':
      return [...container.querySelectorAll(step.selector)];
  }
}

/** The visible elements to which the steps lead. */
function all(steps: readonly Step[]): Element[] {
  let found: Element[] = [document.documentElement];
  for (const step of steps) {
    if (step.by === 'index') {
      const picked = found.at(step.index);
      found = picked === undefined ? [] : [picked];
    } else if (step.by === 'content') {
      const wanted = matcher(step.text);
      found = found.filter((element) =>
        typeof wanted === 'string' ? normalText(element).includes(wanted) : wanted.test(normalText(element)),
      );
    } else {
      const next = found.flatMap((element) => query(element as HTMLElement, step));
      found = [...new Set(next)].filter((element) => element.checkVisibility({ visibilityProperty: true }));
    }
  }
  return found;
}

function one(steps: readonly Step[]): HTMLElement {
  const found = all(steps);
  if (found.length !== 1) throw new Error(`${found.length} elements`);
  return found[0] as HTMLElement;
}

function read(steps: readonly Step[]): Seen[] {
  return all(steps).map((element) => {
    const field = element as HTMLInputElement;
    const { x, y, width, height } = element.getBoundingClientRect();
    return {
      text: normalText(element),
      value: typeof field.value === 'string' ? field.value : null,
      checked: typeof field.checked === 'boolean' ? field.checked : null,
      disabled: field.matches(':disabled'),
      focused: element === document.activeElement,
      name: element.getAttribute('aria-label'),
      rect: { x, y, width, height },
    };
  });
}

/** The point at which a person would click an element, or the reason why a person cannot click it now. */
function target(steps: readonly Step[]): { x: number; y: number } | string {
  const found = all(steps);
  const element = found[0];
  if (element === undefined || found.length > 1) return `${found.length} elements`;
  if (element.matches(':disabled')) return 'it is disabled';
  element.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  const rect = element.getBoundingClientRect();
  const [x, y] = [rect.x + rect.width / 2, rect.y + rect.height / 2];
  const hit = document.elementFromPoint(x, y);
  if (hit !== null && (element.contains(hit) || hit.closest('label')?.control === element)) return { x, y };
  return `it is covered by ${hit?.outerHTML.slice(0, 80) ?? 'nothing of the page'}`;
}

/** Focus a field and select its text, so that typing replaces it. */
function select(steps: readonly Step[]): void {
  const field = one(steps) as HTMLInputElement;
  field.focus();
  field.select();
}

/** Press an element at a given time, so that several tabs press at once. */
async function clickAt(steps: readonly Step[], atMs: number): Promise<void> {
  const element = one(steps);
  await new Promise((resolve) => setTimeout(resolve, atMs - Date.now()));
  element.click();
}

const engines = { all, one, read, target, select, clickAt };
declare global {
  var engines: {
    all: typeof all;
    one: typeof one;
    read: typeof read;
    target: typeof target;
    select: typeof select;
    clickAt: typeof clickAt;
  };
}
globalThis.engines = engines;

const complain = (kind: string, about: unknown): void => console.error(`[page] ${kind}: ${String(about)}`);
addEventListener('error', ({ message }) => complain('error', message));
addEventListener('unhandledrejection', ({ reason }) => complain('unhandled rejection', reason));
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
  complain('policy violation', `${violatedDirective} ${blockedURI} ${sample}`),
);
