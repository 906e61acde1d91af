import { byId } from './dom.ts';

export type TabName = 'login' | 'register' | 'import';

const names: readonly TabName[] = ['login', 'register', 'import'];
const tab = (name: TabName): HTMLButtonElement => byId(`tab-${name}`, HTMLButtonElement);

/** Show one panel and hide the others. */
export function selectTab(name: TabName, { focus = false } = {}): void {
  for (const other of names) {
    const selected = other === name;
    tab(other).setAttribute('aria-selected', String(selected));
    tab(other).tabIndex = selected ? 0 : -1;
    byId(`panel-${other}`, HTMLDivElement).hidden = !selected;
  }
  if (focus) tab(name).focus();
}

let isChosen = false;

/** Show a panel, unless the person has chosen one meanwhile. */
export function suggestTab(name: TabName): void {
  if (!isChosen) selectTab(name);
}

/** Click to select; arrow keys, Home and End move along, as the tabs pattern of WAI-ARIA has it. */
export function bindTabs(onSelect: () => void): void {
  const choose = (name: TabName, options?: { focus: boolean }): void => {
    isChosen = true;
    selectTab(name, options);
    onSelect();
  };
  for (const [index, name] of names.entries()) {
    tab(name).addEventListener('click', () => choose(name));
    tab(name).addEventListener('keydown', (event) => {
      const step = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: names.length - 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const next = names[(step + names.length) % names.length] as TabName;
      choose(next, { focus: true });
    });
  }
}
