// Sets the colours before anything is painted; app/theme.js lets them be changed.
(() => {
  let theme = 'auto';
  try {
    theme = localStorage.getItem('theme') ?? 'auto';
  } catch {
    // A browser may keep nothing.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
