// "Hear it": the page is read aloud by a voice of this computer, where it has one for the page's language.
"use strict";
(() => {
  const key = document.querySelector("#hear-it"), voices = window.speechSynthesis;
  if (!key || !voices) return;
  const language = document.documentElement.lang.slice(0, 2);
  const voice = () => voices.getVoices().find((one) => one.lang.startsWith(language) && one.localService);
  const look = () => { key.hidden = !voice(); };
  voices.addEventListener("voiceschanged", look);
  look();
  key.onclick = () => {
    voices.cancel();
    for (const part of document.querySelectorAll("main h1, main [data-say]")) {
      if (!part.offsetParent) continue;
      const said = new SpeechSynthesisUtterance(part.dataset.say || part.textContent);
      Object.assign(said, { voice: voice(), lang: document.documentElement.lang, rate: 0.85 });
      voices.speak(said);
    }
  };
})();
