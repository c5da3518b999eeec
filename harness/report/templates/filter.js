'use strict';
(() => {
  const form = document.querySelector('form.filters');
  const tables = [...document.querySelectorAll('table[data-rows]')];
  if (!form || !tables.length) return;
  const output = form.querySelector('output');
  const fields = [...form.elements].filter(e => e.name);
  const bodies = tables.flatMap(t => [...t.tBodies]).map(body => ({
    body,
    rows: [...body.rows].filter(r => !r.classList.contains('group')).map(row => ({
      row,
      get text() { return this.cached ??= row.textContent.toLowerCase(); },
      get tokens() { return (row.dataset.t || '').split(' '); },
      get letter() { return row.dataset.c || ''; },
      get families() { return ' ' + (row.dataset.f || body.dataset.family || '') + ' '; },
    })),
  }));
  const asked = () => Object.fromEntries(fields.map(f => [f.name, f.value.trim()]).filter(([, v]) => v));

  function narrow() {
    const wanted = asked();
    const words = (wanted.q || '').toLowerCase().split(/\s+/).filter(Boolean);
    const places = fields.filter(f => f.value && Number(f.dataset.place) >= 0)
      .map(f => [Number(f.dataset.place), f.selectedOptions[0].dataset.code]);
    const fits = it => words.every(word => it.text.includes(word))
      && (!wanted.family || it.families.includes(' ' + wanted.family + ' '))
      && (!wanted.class || it.letter === wanted.class)
      && (!places.length || it.tokens.some(t => places.every(([place, code]) => t[place] === code)));
    let shown = 0;
    for (const { body, rows } of bodies) {
      let here = 0;
      for (const it of rows) {
        const fit = fits(it);
        if (it.row.hidden === fit) it.row.hidden = !fit;
        here += fit;
      }
      body.hidden = here === 0;
      shown += here;
    }
    const all = Number(output.dataset.all).toLocaleString('en');
    output.value = `${shown.toLocaleString('en')} of ${all} ${form.dataset.of}`;
  }

  function address() {
    const text = new URLSearchParams(asked()).toString();
    return location.href.split('#')[0] + '#' + text;
  }

  let written = '';
  function changed() {
    narrow();
    written = address();
    history.replaceState(null, '', written);
  }

  function read() {
    if (location.href === written) return;
    const text = location.hash.slice(1);
    const state = new URLSearchParams(text.includes('=') ? text : '');
    for (const field of fields) {
      const value = state.get(field.name) || '';
      field.value = value;
      if (field.value !== value) field.value = '';
    }
    narrow();
    if (text.includes('=')) form.scrollIntoView();
  }

  form.hidden = false;
  form.addEventListener('submit', event => event.preventDefault());
  form.addEventListener('input', changed);
  form.querySelector('.clear').addEventListener('click', event => {
    event.preventDefault();
    form.reset();
    changed();
  });
  form.querySelector('.link').addEventListener('click', event => copy(address(), event.target));
  addEventListener('hashchange', read);
  read();
})();
