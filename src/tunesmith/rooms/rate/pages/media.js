// Pictures and sounds of items: shown, enlarged, played, and fetched before they are needed.

import { made } from "./kinds.js"

const LARGE = 256 // pixels on the screen that a small picture is enlarged to, smoothly: squares are harder to recognise
const NEARER = 2.5 // times, when an enlarged picture is enlarged once more

export function withMedia(item, section, words) {
  const shown = []
  if (item.image) shown.push(picture(item.image, words))
  if (item.sound) shown.push(sound(item.sound, section, words))
  section.prepend(...shown)
}

function failed(words) {
  return made("p", { className: "alarm", role: "alert", text: words })
}

function picture(address, words) {
  const image = made("img", { src: address, alt: words.picture })
  const open = made("button", { type: "button", className: "picture", "aria-label": `${words.picture}: ${words.zoom}` }, image)
  image.addEventListener("load", () => {
    const times = Math.floor(LARGE / Math.max(image.naturalWidth, image.naturalHeight))
    if (times > 1) image.width = image.naturalWidth * times
  })
  image.addEventListener("error", () => open.replaceWith(failed(words.nopicture)))
  open.addEventListener("click", () => zoomed(image, words))
  return made("figure", { className: "seen" }, open)
}

// The picture alone, as large as the screen; touched once more, larger than that, and it can be moved about.
function zoomed(image, words) {
  const large = made("img", { src: image.src, alt: image.alt })
  const close = made("button", { type: "button", className: "close", text: words.close })
  const dialog = made("dialog", { className: "zoom", "aria-label": words.picture }, close, made("div", { className: "room" }, large))
  const fit = () => {
    const times = Math.min(innerWidth / image.naturalWidth, innerHeight / image.naturalHeight)
    large.style.width = `${image.naturalWidth * times * (dialog.dataset.near ? NEARER : 1)}px`
  }
  large.addEventListener("click", (event) => {
    const spot = [event.offsetX / large.clientWidth, event.offsetY / large.clientHeight]
    if (dialog.dataset.near) delete dialog.dataset.near
    else dialog.dataset.near = "yes"
    fit()
    // What was touched comes into the middle.
    large.parentElement.scrollTo(spot[0] * large.clientWidth - innerWidth / 2, spot[1] * large.clientHeight - innerHeight / 2)
  })
  close.addEventListener("click", () => dialog.close())
  dialog.addEventListener("close", () => dialog.remove())
  document.body.append(dialog)
  fit()
  dialog.showModal()
}

const JUST_NOW = 1000 // milliseconds from Tab to the focus that it brings
let tabbed = -Infinity
addEventListener("keydown", (event) => { if (event.key === "Tab") tabbed = event.timeStamp }, true)

function sound(address, section, words) {
  const player = made("audio", { src: address, controls: true, preload: "auto", "aria-label": words.sound })
  // After the mouse, keys are for answers again. A browser's own controls tell of no click, but of the focus that it brings.
  player.addEventListener("focusin", (event) => {
    if (event.timeStamp - tabbed > JUST_NOW) setTimeout(() => section.focus({ preventScroll: true }))
  })
  player.addEventListener("error", () => player.replaceWith(failed(words.nosound)))
  return made("figure", { className: "seen" }, player)
}

// Space plays and pauses, Z enlarges. A player or a button that has the focus knows its own Space.
export function mediaKey(event, section) {
  const player = section.querySelector("audio")
  const open = section.querySelector(".picture")
  if (event.key === " " && player && !event.target.closest("audio, button")) {
    if (player.paused) player.play().catch(() => {})
    else player.pause()
  } else if (event.key.toLowerCase() === "z" && open) open.click()
  else return false
  return true
}

const fetched = new Set()

// Into the browser's own store: a moment without a connection is not noticed.
export function ahead(items) {
  for (const address of items.flatMap((item) => [item.image, item.sound])) {
    if (!address || fetched.has(address)) continue
    fetched.add(address)
    fetch(address)
      .then((answer) => answer.blob())
      .catch(() => fetched.delete(address))
  }
}
