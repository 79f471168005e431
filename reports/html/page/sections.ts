/// <reference lib="dom" />

/** What an address names; an address that was cut in the middle of an escape names itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A link to a section opens it; printing opens all. */
export function connectSections(): void {
  const openTarget = () => {
    const target = document.getElementById(decoded(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) target.open = true;
    target?.scrollIntoView();
  };
  window.addEventListener('hashchange', openTarget);
  openTarget();
  let closed: HTMLDetailsElement[] = [];
  window.addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll<HTMLDetailsElement>('details')].filter(({ open }) => !open);
    for (const details of closed) details.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const details of closed) details.open = false;
  });
  const all = document.getElementById('open-all');
  all?.addEventListener('click', () => {
    const sections = [...document.querySelectorAll<HTMLDetailsElement>('details.network')];
    const open = sections.some((section) => !section.open);
    for (const section of sections) section.open = open;
    all.textContent = open ? 'Close all' : 'Open all';
  });
}
