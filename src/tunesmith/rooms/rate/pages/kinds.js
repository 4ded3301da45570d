// How each kind of item is shown and answered. Text of the data only ever becomes text, never markup.

// Letters of an answer that half a phone's width holds in a line or two.
const SHORT = 24

export function made(tag, properties = {}, ...children) {
  const { className, text, data, ...attributes } = properties
  const found = document.createElement(tag)
  if (className) found.className = className
  if (text !== undefined) found.textContent = text
  Object.assign(found.dataset, data)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) found.setAttribute(name, "")
    else if (value !== false && value !== null) found.setAttribute(name, value)
  }
  found.append(...children)
  return found
}

function card(title, text, className = "") {
  const body = made("div", { className: "text", text, dir: "auto" })
  return made("article", { className: `card ${className}` }, made("h2", { text: title }), body)
}

export function button(text, key, attributes = {}) {
  const found = made("button", { type: "button", ...attributes }, made("span", { text, dir: "auto" }))
  if (key) found.append(made("kbd", { text: key, "aria-hidden": "true" }))
  return found
}

// One criterion and its buttons. choices: [value, words, key]; the chosen one is pressed.
function criterionRow(name, question, choices, chosen, choose) {
  const row = made("fieldset", { className: "criterion" })
  row.append(made("legend", { text: name || question, className: name ? "" : "unseen" }))
  const buttons = made("div", { className: "buttons" })
  for (const [value, words, key] of choices) {
    const one = button(words, key, { "aria-pressed": String(chosen === value), data: { value: JSON.stringify(value) } })
    one.addEventListener("click", () => choose(value))
    buttons.append(one)
  }
  row.append(buttons)
  return row
}

// Kinds whose criteria are answered by one of a few values each.
class Choosing {
  constructor(page) {
    this.page = page
    this.words = page.words
  }

  show(item, section, form) {
    this.item = item
    this.value = { ...item.value }
    this.section = section
    this.form = form
    this.at = 0
    section.replaceChildren(...this.cards(item))
    this.draw()
  }

  get isSingle() {
    return this.page.criteria.length === 1
  }

  draw() {
    const focused = document.activeElement?.dataset?.value
    const rows = this.page.criteria.map((name, at) => {
      const row = criterionRow(name, this.words.question, this.choices(), this.value[name], (value) => this.choose(at, value))
      if (!this.isSingle) row.classList.toggle("current", at === this.at)
      return row
    })
    this.form.replaceChildren(...rows, ...this.extra(), this.page.foot(!this.isSingle, this.isComplete))
    if (focused && !this.isSingle) {
      this.form.querySelectorAll("fieldset")[this.at]?.querySelector("[data-value]")?.focus({ preventScroll: true })
    }
  }

  extra() {
    return []
  }

  get isComplete() {
    return this.page.criteria.every((name) => name in this.value)
  }

  choose(at, value) {
    this.value[this.page.criteria[at]] = value
    this.at = Math.min(at + 1, this.page.criteria.length - 1)
    if (this.isSingle) this.chosen()
    else this.draw()
  }

  chosen() {
    this.page.vote(this.value)
  }

  confirm() {
    if (this.isComplete) this.page.vote(this.value)
  }

  key(event) {
    const found = this.choices().find(([, , key, other]) => key === event.key || (other && other === event.key))
    if (found) this.choose(this.at, found[0])
    else if (event.key === "Enter" && !this.isSingle && document.activeElement?.tagName !== "BUTTON") this.confirm()
    else if (!this.isSingle && (event.key === "ArrowUp" || event.key === "ArrowDown")) this.move(event.key)
    else return false
    return true
  }

  move(key) {
    const step = key === "ArrowUp" ? -1 : 1
    this.at = Math.max(0, Math.min(this.page.criteria.length - 1, this.at + step))
    this.draw()
  }
}

class Pairs extends Choosing {
  cards(item) {
    const { words } = this
    // Answers of a word or two stand side by side on a phone, too: both are seen with what is asked about.
    const isShort = item.answers.every((one) => one.length <= SHORT)
    const pair = made("div", { className: isShort ? "pair short" : "pair" }, card("A", item.answers[0], "a"), card("B", item.answers[1], "b"))
    return [...(item.prompt ? [card(words.asked, item.prompt, "asked")] : []), pair]
  }

  choices() {
    const { words } = this
    return [
      ["first", words.first, "1", "ArrowLeft"],
      ["second", words.second, "2", "ArrowRight"],
      ["tie", words.tie, "3", this.isSingle ? "ArrowDown" : ""],
    ]
  }
}

class Scales extends Choosing {
  cards(item) {
    const { words } = this
    return [...(item.prompt ? [card(words.asked, item.prompt, "asked")] : []), card(words.answer, item.answers[0])]
  }

  choices() {
    return [1, 2, 3, 4, 5].map((grade) => [grade, String(grade), String(grade)])
  }

  draw() {
    super.draw()
    this.form.prepend(made("p", { className: "ends" }, made("span", { text: `1 ${this.words.lowest}` }), made("span", { text: `5 ${this.words.highest}` })))
    for (const row of this.form.querySelectorAll(".buttons")) {
      row.classList.add("scale")
      for (const one of row.querySelectorAll("kbd")) one.remove()
    }
  }
}

class Rights extends Choosing {
  cards(item) {
    const { words } = this
    const found = [...(item.prompt ? [card(words.asked, item.prompt, "asked")] : []), card(words.answer, item.answers[0], "claim")]
    if (item.reference) {
      const body = made("div", { className: "text", text: item.reference, dir: "auto" })
      found.push(made("details", { className: "card" }, made("summary", { text: words.reference }), body))
    }
    return found
  }

  show(item, section, form) {
    this.isAsking = false
    super.show(item, section, form)
  }

  choices() {
    if (this.isAsking) return []
    return [
      [true, this.words.right, "1", "ArrowLeft"],
      [false, this.words.wrong, "2", "ArrowRight"],
    ]
  }

  // What would have been right is asked only where there are labels to choose from.
  chosen() {
    const name = this.page.criteria[0]
    delete this.value.correction
    this.isAsking = this.value[name] === false && this.item.labels.length > 1
    if (!this.isAsking) this.page.vote(this.value)
    else {
      this.draw()
      this.form.querySelector(".labels button")?.focus({ preventScroll: true })
    }
  }

  extra() {
    if (!this.isAsking) {
      const kept = this.item.value.correction
      return kept ? [made("p", { className: "quiet", text: kept, dir: "auto" })] : []
    }
    const row = made("fieldset", { className: "criterion current" }, made("legend", { text: this.words.instead }))
    const buttons = made("div", { className: "buttons labels" })
    this.others().forEach((label, at) => {
      const one = button(label || this.words.unknown, this.keys()[at])
      one.addEventListener("click", () => this.correct(label))
      buttons.append(one)
    })
    row.append(buttons)
    return [row]
  }

  // Labels that are digits are their own keys; else they are counted.
  keys() {
    const others = this.others()
    const areDigits = others.every((label) => label === "" || /^[0-9]$/.test(label))
    return others.map((label, at) => (areDigits ? label || "?" : at < 9 ? String(at + 1) : ""))
  }

  others() {
    return [...this.item.labels.filter((label) => label !== this.item.answers[0]), ""]
  }

  correct(label) {
    this.page.vote(label ? { ...this.value, correction: label } : this.value)
  }

  draw() {
    super.draw()
    if (this.isAsking) this.form.querySelector(".criterion")?.remove()
  }

  key(event) {
    if (!this.isAsking) return super.key(event)
    const at = this.keys().indexOf(event.key)
    if (event.key === "Escape") {
      this.isAsking = false
      this.value = { ...this.item.value }
      this.draw()
    } else if (at >= 0) this.correct(this.others()[at])
    else return false
    return true
  }
}

// Marks of words: a run of words with one type is one name, unless a new one is said to begin in it.
class Tags {
  constructor(page) {
    this.page = page
    this.words = page.words
  }

  show(item, section, form) {
    this.item = item
    const given = Object.values(item.value)[0] ?? item.tags
    this.types = given.map((tag) => tag.slice(2))
    this.begins = given.map((tag, at) => tag[0] === "B" || (tag[0] === "I" && (given[at - 1] ?? "O").slice(2) !== tag.slice(2)))
    this.from = this.to = Math.max(0, this.types.findIndex((type) => type))
    this.form = form
    this.line = made("div", { className: "words", role: "listbox", "aria-multiselectable": "true", "aria-label": this.words.asked })
    item.tokens.forEach((_, at) => this.line.append(this.token(at)))
    section.replaceChildren(made("article", { className: "card" }, this.line))
    this.draw()
  }

  token(at) {
    const one = made("button", { type: "button", className: "word", role: "option" })
    one.addEventListener("click", (event) => {
      this.to = at
      if (!event.shiftKey) this.from = at
      this.draw()
    })
    return one
  }

  draw() {
    const [low, high] = this.chosen()
    const types = this.item.labels
    ;[...this.line.children].forEach((one, at) => {
      const type = this.types[at]
      const isFirst = type && this.begins[at]
      one.replaceChildren(made("span", { text: this.item.tokens[at], dir: "auto" }))
      if (isFirst) one.append(made("small", { text: type }))
      one.className = `word ${type ? `marked t${types.indexOf(type) % 6}` : ""} ${type && !isFirst ? "goes-on" : ""} ${type && this.types[at + 1] === type && !this.begins[at + 1] ? "goes-further" : ""}`
      one.setAttribute("aria-selected", String(at >= low && at <= high))
      one.setAttribute("aria-label", `${this.item.tokens[at]} ${type}`)
      one.tabIndex = at === this.to ? 0 : -1
    })
    this.drawMarks()
  }

  drawMarks() {
    const row = made("fieldset", { className: "criterion" }, made("legend", { text: this.words.marks }))
    const buttons = made("div", { className: "buttons labels" })
    this.item.labels.forEach((type, at) => {
      const one = button(type, at < 9 ? String(at + 1) : "", { className: `mark t${at % 6}` })
      one.addEventListener("click", () => this.mark(type))
      buttons.append(one)
    })
    const none = button(this.words.nomark, "⌫")
    none.addEventListener("click", () => this.mark(""))
    const split = button(this.words.split, "B")
    split.addEventListener("click", () => this.split())
    buttons.append(none, split)
    row.append(buttons)
    this.form.replaceChildren(row, this.page.foot(true, true, this.words.confirm))
  }

  chosen() {
    return [Math.min(this.from, this.to), Math.max(this.from, this.to)]
  }

  mark(type) {
    const [low, high] = this.chosen()
    for (let at = low; at <= high; at++) {
      this.types[at] = type
      this.begins[at] = Boolean(type) && at === low && (this.types[at - 1] !== type || low !== high)
    }
    // What a name loses its beginning to begins anew behind it.
    const behind = high + 1
    if (this.types[behind] && this.types[behind] !== type) this.begins[behind] = true
    this.draw()
    this.line.children[this.to].focus({ preventScroll: true })
  }

  split() {
    const [low] = this.chosen()
    if (low && this.types[low] && this.types[low] === this.types[low - 1]) this.begins[low] = !this.begins[low]
    this.draw()
  }

  confirm() {
    const tags = this.types.map((type, at) => (type ? `${this.begins[at] || this.types[at - 1] !== type ? "B" : "I"}-${type}` : "O"))
    this.page.vote({ [this.page.criteria[0]]: tags })
  }

  key(event) {
    const last = this.item.tokens.length - 1
    const type = this.item.labels[Number(event.key) - 1]
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      this.to = Math.max(0, Math.min(last, this.to + (event.key === "ArrowLeft" ? -1 : 1)))
      if (!event.shiftKey) this.from = this.to
      this.draw()
      this.line.children[this.to].focus()
    } else if (event.key === "Enter") this.confirm()
    else if (event.key === "Backspace" || event.key === "Delete") this.mark("")
    else if (event.key.toLowerCase() === "b") this.split()
    else if (event.key >= "1" && event.key <= "9" && type) this.mark(type)
    else return false
    return true
  }
}

export const KINDS = { ab: Pairs, scale: Scales, right: Rights, tags: Tags }
