/** Of the pages; nothing is loaded from anywhere. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #182032; --soft: #5b6474; --paper: #ffffff; --ground: #f4f5f8; --line: #d9dde6; --edge: #7c8496; --accent: #1f4fd8; --bad: #b3261e; --good: #17663a; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef0f5; --soft: #a6afc0; --paper: #1b2130; --ground: #11151f; --line: #333c50; --edge: #7883a0; --accent: #7da2ff; --bad: #ff9c93; --good: #7fd8a4; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { width: 100%; max-width: 400px; padding: 32px; background: var(--paper); border: 1px solid var(--line); border-radius: 14px; }
h1 { margin: 0 0 8px; font-size: 22px; line-height: 1.25; }
p { margin: 0 0 20px; color: var(--soft); }
label { display: block; margin: 0 0 16px; font-weight: 600; font-size: 14px; }
input, select { display: block; width: 100%; margin-top: 6px; padding: 10px 12px; font: inherit; color: inherit; background: transparent; border: 1px solid var(--edge); border-radius: 8px; }
fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
button, #continue { display: block; width: 100%; padding: 11px 16px; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: #fff; background: var(--accent); border: 0; border-radius: 8px; cursor: pointer; }
@media (prefers-color-scheme: dark) { button, #continue { color: #11151f; } }
.other { margin-top: 10px; color: var(--ink); background: transparent; border: 1px solid var(--edge); }
.other:first-child { margin-top: 0; }
#code:not([hidden]) ~ #ways { margin-top: 10px; }
form:has(#first[hidden]) { padding-top: 8px; }
#about { margin: 0 0 20px; display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; }
#about dt { color: var(--soft); }
#about dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
button:disabled { opacity: 0.6; cursor: default; }
button:focus-visible, input:focus-visible, select:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role=status] { margin: 16px 0 0; color: var(--ink); overflow-wrap: anywhere; outline: none; }
[role=status]:empty { display: none; }
[role=status].error { color: var(--bad); }
[role=status].good { color: var(--good); }
form[hidden] + [role=status] { margin-top: 0; }
#continue { margin-top: 20px; }
[hidden] { display: none !important; }
`
