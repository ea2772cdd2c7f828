import '@fontsource-variable/atkinson-hyperlegible-next';
import './style/tokens.css';
import './style/base.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { makeBridge } from './bridge';

const target = document.getElementById('app');
if (target) {
  const bridge = await makeBridge();
  mount(App, { target, props: { bridge } });
}
