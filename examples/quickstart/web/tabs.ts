import { byId } from './dom.ts';

export type TabName = 'login' | 'register' | 'import' | 'payments' | 'sessions' | 'security';

const tab = (name: TabName): HTMLButtonElement => byId(`tab-${name}`, HTMLButtonElement);

/** Show one panel and hide the others of its list. */
export function selectTab(name: TabName, { focus = false } = {}): void {
  select(tab(name));
  if (focus) tab(name).focus();
}

/** Select a tab by a click. Arrow keys, Home and End move the selection, as in the tabs pattern of WAI-ARIA. */
export function bindTabs(onSelect: () => void): void {
  for (const list of document.querySelectorAll('[role="tablist"]')) {
    const tabs = tabsIn(list);
    const choose = (chosen: HTMLButtonElement): void => {
      select(chosen);
      onSelect();
    };
    for (const [index, one] of tabs.entries()) {
      one.addEventListener('click', () => choose(one));
      one.addEventListener('keydown', (event) => {
        const step = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[
          event.key
        ];
        if (step === undefined) return;
        event.preventDefault();
        const next = tabs[(step + tabs.length) % tabs.length] as HTMLButtonElement;
        choose(next);
        next.focus();
      });
    }
  }
}

function select(chosen: HTMLButtonElement): void {
  for (const other of tabsIn(chosen.parentElement as Element)) {
    const isChosen = other === chosen;
    other.setAttribute('aria-selected', String(isChosen));
    other.tabIndex = isChosen ? 0 : -1;
    byId(other.getAttribute('aria-controls') ?? '', HTMLDivElement).hidden = !isChosen;
  }
}

function tabsIn(list: Element): HTMLButtonElement[] {
  return [...list.querySelectorAll<HTMLButtonElement>('[role="tab"]')];
}
