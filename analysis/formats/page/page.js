"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const make = (tag, text) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const option = (value, text) => {
    const node = make("option", text);
    node.value = value;
    return node;
  };
  // Filters act while people type; a reset has to happen before it is read.
  const onChange = (form, act) => {
    form.addEventListener("input", act);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(act));
    form.hidden = false;
  };
  const wordsOf = (form) => form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text, words) => words.every((word) => text.includes(word));

  // ---- Gallery.
  const filters = document.getElementById("gallery-filters");
  if (filters) {
    const cards = [...document.querySelectorAll("#cards .card")];
    const fields = ["why", "table", "category"].filter((name) => filters.elements[name]);
    // Many cards are a long way to what is below them.
    const step = 24;
    const more = document.getElementById("more-cards");
    let most = step;
    const show = () => {
      const words = wordsOf(filters);
      let found = 0;
      for (const card of cards) {
        const fits = has(card.dataset.words, words) && fields.every((name) => {
          const wanted = filters.elements[name].value;
          return wanted === "" || card.dataset[name] === wanted;
        });
        card.hidden = !fits || found >= most;
        found += fits;
      }
      filters.querySelector("output").textContent = `${found} of ${cards.length}`;
      more.hidden = found <= most;
    };
    onChange(filters, () => {
      most = step;
      show();
    });
    more.addEventListener("click", () => {
      most += step;
      show();
    });
    show();
  }

  // ---- Items.
  const form = document.getElementById("item-filters");
  const pager = document.getElementById("item-pager");
  const place = document.getElementById("item-table");
  const perPage = 50;
  let table = null;
  let order = [];
  let page = 0;

  // Mean IoU over the runs of each row; NaN where both masks are empty.
  function open(index) {
    const source = data.tables[index];
    const set = data.sets[source.set];
    const means = source.rows.map((row) => set.ids.map((id, item) => {
      let sum = 0;
      let count = 0;
      for (const run of row.runs) {
        const union = data.runs[run].u[item];
        if (union > 0) {
          sum += data.runs[run].i[item] / union;
          ++count;
        }
      }
      return count > 0 ? sum / count : NaN;
    }));
    table = {source, set, means};
    const orders = form.elements.order;
    orders.replaceChildren(option("", "item"));
    source.rows.forEach((row, r) => {
      if (row.runs.length === 0) return;
      orders.append(option(`${r} up`, `${row.label}: worst first`), option(`${r} down`, `${row.label}: best first`));
    });
    source.rows.forEach((row, r) => {
      if (r > 0 && row.runs.length > 0) orders.append(option(`${r} change`, `most changed: ${source.rows[0].label} to ${row.label}`));
    });
    const kinds = new Set(set.kind);
    form.elements.kind.replaceChildren(option("", "all"), ...[...kinds].filter((k) => data.kinds[k] !== "").map((k) => option(k, data.kinds[k])));
    const categories = [...new Set(set.category)].sort((a, b) => a - b);
    form.elements.category.replaceChildren(option("", "all"), ...categories.filter((c) => data.names[c]).map((c) => option(c, data.names[c])));
  }

  function select() {
    const {set, means} = table;
    const words = wordsOf(form);
    const category = form.elements.category.value;
    const kind = form.elements.kind.value;
    order = [];
    set.ids.forEach((id, item) => {
      if (category !== "" && set.category[item] !== Number(category)) return;
      if (kind !== "" && set.kind[item] !== Number(kind)) return;
      if (!has(`${id} ${data.names[set.category[item]]}`.toLowerCase(), words)) return;
      order.push(item);
    });
    const [row, how] = form.elements.order.value.split(" ");
    if (how) {
      const key = how === "change" ? (item) => -Math.abs(means[row][item] - means[0][item])
        : how === "up" ? (item) => means[row][item] : (item) => -means[row][item];
      // What has no number comes last.
      const rank = (item) => (Number.isNaN(key(item)) ? Infinity : key(item));
      order.sort((a, b) => rank(a) - rank(b) || a - b);
    }
    page = 0;
    draw();
  }

  function draw() {
    const {source, set, means} = table;
    const head = make("tr");
    for (const name of ["item", "category", "% of image", "sentence says", ...source.rows.map((row) => `IoU ${row.label}`)]) {
      const cell = make("th", name);
      cell.scope = "col";
      if (name === "category" || name === "sentence says") cell.className = "name";
      head.append(cell);
    }
    const body = make("tbody");
    for (const item of order.slice(page * perPage, (page + 1) * perPage)) {
      const line = make("tr");
      const name = make("th", set.ids[item]);
      name.scope = "row";
      const share = set.area[item] >= 0 && set.pixels[item] > 0 ? (100 * set.area[item] / set.pixels[item]).toPrecision(2) : "–";
      const words = [make("td", data.names[set.category[item]] || "–"), make("td", data.kinds[set.kind[item]] || "–")];
      for (const cell of words) cell.className = "name";
      line.append(name, words[0], make("td", share), words[1]);
      for (const mean of means) line.append(make("td", Number.isNaN(mean[item]) ? "–" : (100 * mean[item]).toFixed(1)));
      body.append(line);
    }
    const grid = make("table");
    grid.className = "beside";
    const top = make("thead");
    top.append(head);
    grid.append(top, body);
    place.replaceChildren(grid);
    const pages = Math.max(1, Math.ceil(order.length / perPage));
    form.querySelector("output").textContent = `${order.length} of ${set.ids.length}`;
    pager.querySelector("span").textContent = `page ${page + 1} of ${pages}`;
    pager.querySelector("[name=back]").disabled = page === 0;
    pager.querySelector("[name=next]").disabled = page + 1 >= pages;
  }

  if (data.tables.length > 0) {
    data.tables.forEach((each, i) => form.elements.table.append(option(i, each.name)));
    form.elements.table.addEventListener("input", () => open(Number(form.elements.table.value)));
    onChange(form, () => {
      if (table.source !== data.tables[Number(form.elements.table.value)]) open(Number(form.elements.table.value));
      select();
    });
    pager.querySelector("[name=back]").addEventListener("click", () => { --page; draw(); });
    pager.querySelector("[name=next]").addEventListener("click", () => { ++page; draw(); });
    pager.hidden = false;
    open(0);
    select();
  } else {
    place.textContent = "No run has a result yet.";
  }
  document.documentElement.dataset.ready = "yes";
})();
