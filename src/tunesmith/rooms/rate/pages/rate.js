// The page on which a rater answers item after item. The address holds the place (#7), so that back, forward and
// reload mean what they mean everywhere.

import { button, KINDS, made } from "./kinds.js"
import { ahead, mediaKey, withMedia } from "./media.js"
import { Outbox } from "./outbox.js"

const AHEAD = 40 // items that are there before they are needed: a moment without a connection is not noticed
const AT_ONCE = 20
const AHEAD_MEDIA = 5 // pictures and sounds are larger

const section = document.getElementById("item")
const form = document.getElementById("answer")
const told = document.getElementById("told")
const end = document.getElementById("end")
const words = document.getElementById("words").dataset
const isPractice = Boolean(section.dataset.practice)

const filled = (text, ...values) => values.reduce((done, value, at) => done.replace(`{${at}}`, value.toLocaleString()), text)
const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}

// Time that an item was looked at: not while the page was hidden.
class Watch {
  start() {
    this.sum = 0
    this.since = document.hidden ? null : performance.now()
  }

  constructor() {
    this.start()
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.since !== null) {
        this.sum += performance.now() - this.since
        this.since = null
      } else if (!document.hidden) this.since = performance.now()
    })
  }

  get seconds() {
    return Math.round(this.sum + (this.since === null ? 0 : performance.now() - this.since)) / 1000
  }
}

class Page {
  constructor() {
    this.words = words
    this.criteria = JSON.parse(section.dataset.criteria)
    this.kind = new KINDS[section.dataset.kind](this)
    this.items = new Map()
    this.places = 0
    this.done = 0
    this.place = -1
    this.given = [] // places answered in this tab, for taking back
    this.watch = new Watch()
    this.outbox = isPractice ? null : new Outbox(section.dataset.rating, "votes", (status, left) => this.tell(status, left))
  }

  async begin() {
    if (isPractice) {
      const { items } = await (await fetch("practice.json")).json()
      this.places = items.length
      for (const item of items) this.items.set(item.place, item)
      return this.show(0)
    }
    await this.outbox.send()
    const state = await this.asked("state")
    this.places = state.places
    this.done = state.done
    const wanted = this.fromAddress()
    if (wanted !== null) return this.show(wanted)
    if (state.next === null) return this.finish()
    history.replaceState(null, "", `#${state.next + 1}`)
    return this.show(state.next)
  }

  fromAddress() {
    const place = Number(location.hash.slice(1)) - 1
    return Number.isInteger(place) && place >= 0 && place < this.places ? place : null
  }

  // Asks until there is an answer.
  async asked(address) {
    for (let wait = 500; ; wait = Math.min(2 * wait, 8000)) {
      try {
        const answer = await fetch(address, { signal: AbortSignal.timeout(20000) })
        if (answer.ok) return await answer.json()
        if (answer.status === 403) location.reload()
      } catch {
        // No connection.
      }
      told.textContent = words.loading
      await new Promise((go) => {
        setTimeout(go, wait)
        addEventListener("online", go, { once: true })
      })
    }
  }

  async fetched(first) {
    const { items } = await this.asked(`items?first=${first}&count=${AT_ONCE}`)
    for (const item of items) if (!this.items.has(item.place)) this.items.set(item.place, this.withWaiting(item))
  }

  // What waits on this device was said later than what the server knows.
  withWaiting(item) {
    for (const [, vote] of this.outbox.waiting()) {
      if (vote.place !== item.place) continue
      item.mark = vote.mark === "undo" ? null : vote.mark
      item.value = vote.mark === "vote" ? vote.value : {}
    }
    return item
  }

  async show(place) {
    this.place = place
    if (!this.items.has(place)) {
      form.replaceChildren()
      await this.fetched(place)
      if (this.place !== place) return
    }
    const item = this.items.get(place)
    end.hidden = true
    section.hidden = form.hidden = false
    told.textContent = item.mark && !isPractice ? words.earlier : ""
    this.kind.show(item, section, form)
    withMedia(item, section, words)
    this.watch.start()
    this.count()
    scrollTo(0, 0)
    section.focus({ preventScroll: true })
    this.fill(place)
  }

  fill(place) {
    ahead([...Array(AHEAD_MEDIA).keys()].map((at) => this.items.get(place + 1 + at)).filter(Boolean))
    if (isPractice || this.isFilling) return
    for (let next = place + 1; next < Math.min(place + AHEAD, this.places); next++) {
      if (this.items.has(next)) continue
      this.isFilling = true
      this.fetched(next).finally(() => {
        this.isFilling = false
        if (next - place < AHEAD / 2) this.fill(place)
      })
      return
    }
  }

  // Buttons below every item.
  foot(hasNext, isComplete, nextWords = words.next) {
    const foot = made("div", { className: "foot" })
    if (!isPractice) {
      const undo = button(words.undo, "U", { className: "plain" })
      undo.addEventListener("click", () => this.undo())
      foot.append(undo)
    }
    const cannot = button(words.cannot, "0", { className: "plain" })
    cannot.addEventListener("click", () => this.skip())
    foot.append(cannot)
    if (!hasNext && !isPractice && this.items.get(this.place).mark) {
      // Answered before: on to the next one, whatever it is, with the answer as it was.
      const on = button(words.next, "↵", { className: "main" })
      on.addEventListener("click", () => this.on())
      foot.append(on)
    }
    if (hasNext) {
      const next = button(nextWords, "↵", { className: "main", disabled: !isComplete })
      next.addEventListener("click", () => this.kind.confirm())
      foot.append(next)
    }
    return foot
  }

  vote(value) {
    if (isPractice) return this.practised(value)
    this.say("vote", value)
    return this.forward()
  }

  skip() {
    if (!isPractice) this.say("skip", {})
    return this.forward()
  }

  say(mark, value) {
    const item = this.items.get(this.place)
    if (!item.mark) this.done++
    item.mark = mark
    item.value = value
    this.given.push(this.place)
    this.outbox.add({ id: newId(), place: this.place, mark, value, seconds: this.watch.seconds })
  }

  practised(value) {
    const item = this.items.get(this.place)
    const isGood = this.criteria.every((name) => item.accepted[name].some((one) => JSON.stringify(one) === JSON.stringify(value[name])))
    const said = made("p", { className: isGood ? "good" : "other", text: (isGood ? words.good : words.other) + item.hint })
    const next = button(words.next, "↵", { className: "main" })
    next.addEventListener("click", () => this.forward())
    form.replaceChildren(said, made("div", { className: "foot" }, next))
    next.focus({ preventScroll: true })
    this.isTold = true
  }

  // To the next item that is open, as far as this page knows; where it does not, the server does.
  async forward() {
    this.isTold = false
    for (let place = this.place + 1; place < this.places; place++) {
      if (!this.items.has(place)) {
        form.replaceChildren()
        await this.fetched(place)
      }
      if (!this.items.get(place).mark) return this.go(place)
    }
    if (isPractice) return this.finish()
    const open = [...this.items.values()].filter((item) => !item.mark).map((item) => item.place)
    if (open.length) return this.go(Math.min(...open))
    if (this.items.size === this.places) return this.finish()
    await this.outbox.send()
    const { next } = await this.asked("state")
    return next === null ? this.finish() : this.go(next)
  }

  on() {
    return this.place + 1 < this.places ? this.go(this.place + 1) : this.finish()
  }

  go(place) {
    if (!isPractice) history.pushState(null, "", `#${place + 1}`)
    return this.show(place)
  }

  get isLookedAt() {
    return this.criteria.length === 1 && section.dataset.kind !== "tags" && Boolean(this.items.get(this.place)?.mark)
  }

  undo() {
    const place = this.given.pop() ?? this.before()
    if (place === undefined) {
      told.textContent = words.nothing
      return
    }
    const item = this.items.get(place)
    if (item.mark) this.done--
    item.mark = null
    item.value = {}
    this.outbox.add({ id: newId(), place, mark: "undo", value: {}, seconds: 0 })
    this.go(place).then(() => {
      told.textContent = words.taken
    })
  }

  before() {
    for (let place = this.place - 1; place >= 0; place--) if (this.items.get(place)?.mark) return place
    return undefined
  }

  finish() {
    this.place = -1
    section.hidden = form.hidden = true
    end.hidden = false
    told.textContent = ""
    this.count()
    end.querySelector("a, button").focus({ preventScroll: true })
    if (!isPractice && location.hash !== "#end") history.pushState(null, "", "#end")
  }

  count() {
    if (isPractice) return
    document.getElementById("count").textContent = filled(words.of, this.done, this.places)
    const bar = document.getElementById("bar")
    bar.max = this.places || 1
    bar.value = this.done
  }

  tell(status, left) {
    const line = document.getElementById("saved")
    const text = filled(words[status], left)
    if (line.textContent !== text) line.textContent = text
    line.dataset.status = status
  }

  key(event) {
    const inText = event.target.closest?.("input, textarea, select, summary, a")
    const isElsewhere = inText || form.hidden || document.querySelector("dialog[open]")
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isElsewhere) return
    if (!event.repeat && mediaKey(event, section)) event.preventDefault()
    else if (this.isTold) {
      if (event.key !== "Enter" && event.key !== "ArrowRight") return
      this.forward()
    } else if (event.repeat && !event.key.startsWith("Arrow")) return
    else if (this.kind.isAsking && this.kind.key(event)) event.preventDefault()
    else if (event.key === "Enter" && document.activeElement === section && this.isLookedAt) this.on()
    else if (event.key === "0") this.skip()
    else if (event.key.toLowerCase() === "u" && !isPractice) this.undo()
    else if (!this.kind.key(event)) return
    event.preventDefault()
  }
}

const page = new Page()
document.getElementById("again")?.addEventListener("click", () => page.go(0))
document.addEventListener("keydown", (event) => page.key(event))
form.addEventListener("submit", (event) => event.preventDefault())
addEventListener("popstate", () => {
  const place = page.fromAddress()
  if (place !== null) page.show(place)
  else if (location.hash === "#end") page.finish()
})
page.begin()
