'use strict';
async function copy(text, button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'aside';
    document.body.append(area);
    area.select();
    done = document.execCommand('copy');
    area.remove();
    button.focus();
  }
  const label = button.dataset.label || (button.dataset.label = button.textContent);
  button.textContent = done ? 'Copied' : 'Could not copy';
  setTimeout(() => { button.textContent = label; }, 1500);
}
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', () => copy(document.getElementById(button.dataset.copy).textContent, button));
}
