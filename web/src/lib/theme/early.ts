/**
 * Runs before anything else in every page, as an inline script whose hash the server allows.
 * 1. Trusted Types: the chunk loader sets `script.src`; only this build's own chunks pass. It must return the
 *    same string it was given: an absolute address makes the loader wait for ever.
 * 2. The theme is set before the first paint, so that nothing flashes.
 */
export const EARLY_SCRIPT = `(function(){
if(window.trustedTypes&&trustedTypes.createPolicy){trustedTypes.createPolicy("default",{createScriptURL:function(u){
var x=new URL(u,location.origin);
if(x.origin===location.origin&&/^\\/_next\\/static\\/[\\w./~-]+\\.js$/.test(x.pathname))return u;
throw new TypeError("refused script address "+u)}})}
var t=null;try{t=JSON.parse(localStorage.getItem("rowhouse.preferences")||"{}").theme}catch(e){}
if(t!=="dark"&&t!=="light")t=matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light";
document.documentElement.dataset.theme=t})();`;
