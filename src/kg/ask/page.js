"use strict";
(() => {
  const find = document.getElementById("find"), found = document.getElementById("found"), quotes = document.getElementById("quotes");
  const items = [...document.querySelectorAll("main li")];
  const text = new Map(items.map((item) => [item, item.querySelector(".node").textContent.toLowerCase()]));
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = items.filter((item) => words.every((word) => text.get(item).includes(word)));
    const kept = new Set(hits);
    for (let item of hits) while ((item = item.parentElement.closest("li"))) kept.add(item);
    for (const item of items) item.classList.toggle("gone", !kept.has(item));
    found.value = words.length ? `${hits.length} found` : "";
  };
  find.addEventListener("input", filter);
  quotes.addEventListener("click", () => {
    const bare = document.body.classList.toggle("bare");
    quotes.textContent = bare ? "Show quotes" : "Hide quotes";
    quotes.setAttribute("aria-pressed", String(!bare));
  });
  document.querySelector(".tools").hidden = false;
})();
