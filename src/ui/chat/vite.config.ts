import { defineConfig, type Plugin } from 'vite';

/** Puts script and style into the document, because a view must not load anything. */
const inOneFile: Plugin = {
  name: 'in-one-file',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const page = bundle['index.html'];
    if (page?.type !== 'asset') throw new Error('There is no index.html to put the rest into.');
    let html = String(page.source);
    for (const [name, part] of Object.entries(bundle)) {
      if (part === page) continue;
      const text =
        part.type === 'chunk' ? part.code.replaceAll('</script', '<\\/script') : String(part.source);
      const isScript = part.type === 'chunk';
      const tag = isScript
        ? new RegExp(`<script[^>]*${name}[^>]*></script>`)
        : new RegExp(`<link[^>]*${name}[^>]*>`);
      if (!tag.test(html)) throw new Error(`index.html does not load ${name}.`);
      html = html.replace(tag, () => (isScript ? '' : `<style>${text}</style>`));
      if (isScript) html = html.replace('</body>', () => `<script type="module">${text}</script></body>`);
      delete bundle[name];
    }
    page.source = html;
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [inOneFile],
  build: {
    outDir: '../../../dist/ui-chat',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // `light-dark()` follows the theme that the host reports; a media query does not.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
});
