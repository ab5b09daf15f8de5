// The only script that stands in the page as it is. The others are packed, so that a page stays small; here they are
// unpacked and run. The policy allows them by a hash of their own, so nothing else would run in their place.
(async () => {
  'use strict';
  try {
    const packed = atob(document.getElementById('script').textContent);
    const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    const script = document.createElement('script');
    script.textContent = await new Response(unpacked).text();
    document.body.append(script);
  } catch (error) {
    const note = document.createElement('p');
    note.setAttribute('role', 'alert');
    note.textContent = `This browser cannot build the page: ${error.message}`;
    document.body.append(note);
  }
})();
