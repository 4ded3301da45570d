// How far everybody is: asked every few seconds, while somebody looks.

const EVERY = 3000
const SELDOM = 15000 // what the votes say takes longer to work out

const table = document.getElementById("raters")
const live = document.getElementById("live")
const filled = (text, ...values) => values.reduce((done, value, at) => done.replace(`{${at}}`, value.toLocaleString()), text)
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" })

function draw(one) {
  const row = table.querySelector(`[data-rater="${one.number}"]`)
  if (!row) return location.reload() // somebody new
  const put = (name, text) => {
    const cell = row.querySelector(`[data-show="${name}"]`)
    if (cell.textContent !== text) cell.textContent = text
  }
  const share = ([right, all]) => (all ? filled(table.dataset.of, right, all) : "–")
  const skipped = one.skipped ? `, ${filled(table.dataset.skipped, one.skipped)}` : ""
  put("done", filled(table.dataset.of, one.done, one.places) + skipped)
  put("last", one.last ? clock.format(new Date(one.last)) : table.dataset.never)
  put("seconds", one.done ? filled(table.dataset.seconds, Math.round(one.seconds * 10) / 10) : "–")
  put("gold", share(one.gold))
  put("repeats", share(one.repeats))
  const bar = row.querySelector("progress")
  bar.max = one.places || 1
  bar.value = one.done
}

async function look() {
  if (!document.hidden) {
    let text = live.dataset.live
    try {
      const answer = await fetch("progress", { signal: AbortSignal.timeout(10000) })
      if (!answer.ok) throw new Error(String(answer.status))
      for (const one of (await answer.json()).raters) draw(one)
    } catch {
      text = live.dataset.lost
    }
    if (live.textContent !== text) live.textContent = text
  }
  setTimeout(look, EVERY)
}

async function find() {
  if (!document.hidden) {
    try {
      const answer = await fetch("findings", { signal: AbortSignal.timeout(60000) })
      const { sentences } = await answer.json()
      const place = document.getElementById("findings")
      const lines = sentences.length ? sentences : [place.dataset.none]
      if (lines.join() !== [...place.children].map((one) => one.textContent).join()) {
        place.replaceChildren(...lines.map((text) => Object.assign(document.createElement("p"), { textContent: text, dir: "auto" })))
      }
    } catch {
      // The line at the top says so.
    }
  }
  setTimeout(find, SELDOM)
}

for (const button of document.querySelectorAll(".copy")) {
  button.addEventListener("click", async () => {
    const link = location.origin + button.dataset.path
    try {
      await navigator.clipboard.writeText(link)
      button.textContent = button.dataset.copied
    } catch {
      // Without a safe connection browsers lend nobody the clipboard: show it, to be marked by hand.
      const shown = document.getElementById("link")
      shown.textContent = link
      shown.hidden = false
    }
  })
}

look()
find()
