/** The element with an id, of the expected kind. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new TypeError(`#${id} is not a ${kind.name}`);
  return element;
}

/** A new element with text or children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A button that runs a function when it is pressed. */
export function actionButton(label: string, run: () => void | Promise<void>): HTMLButtonElement {
  const button = make('button', { type: 'button' }, label);
  button.addEventListener('click', () => void run());
  return button;
}
