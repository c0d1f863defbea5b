// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.report;

/** The style of a page, for light and dark mode. Text has a contrast of at least 4.5 to 1 in both. */
final class Style {
    static final String CSS = """
            :root{--ground:#f6f7f9;--card:#fff;--text:#1a1f26;--soft:#59636e;--rule:#dde2e8;--hit:#2268c4;--miss:#d97706;--fail:#c0262d;--area:#2268c422}
            @media(prefers-color-scheme:dark){:root{--ground:#0f1318;--card:#181e25;--text:#e6eaef;--soft:#9aa5b1;--rule:#2c343e;--hit:#6aa9f7;--miss:#f0a848;--fail:#f47b80;--area:#6aa9f733}}
            *{box-sizing:border-box}
            body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,sans-serif}
            main{max-width:960px;margin:0 auto;padding:24px 20px 64px}
            header{margin-bottom:20px}h1{font-size:26px;margin:0}h2{font-size:17px;margin:0 0 12px}h3{font-size:15px;margin:16px 0 8px}header p{margin:2px 0;color:var(--soft)}
            code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
            section,.tiles>div{background:var(--card);border:1px solid var(--rule);border-radius:10px}
            section{padding:18px 20px;margin-top:16px;overflow-x:auto}
            .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:12px;margin:0}
            .tiles>div{padding:12px 16px}dt{color:var(--soft);font-size:13px}dd{margin:0}dd b{display:block;font-size:22px;font-weight:600}
            dd span,.note,.none,.tick{color:var(--soft)}dd span{font-size:12.5px}.note{font-size:13px;margin:8px 0 0}.none{margin:0}
            svg{display:block;width:100%;height:auto}.grid{stroke:var(--rule)}.tick,.mark{fill:var(--soft);font-size:12px}
            .line{fill:none;stroke:var(--hit);stroke-width:2}.area{fill:var(--area)}.dot{fill:var(--hit)}
            .limit{stroke:var(--fail);stroke-width:1.5}.low{stroke:var(--miss);stroke-width:1.5;stroke-dasharray:6 4}
            rect.hit{fill:var(--hit)}rect.miss{fill:var(--miss)}rect.fail{fill:var(--fail)}
            .legend{margin:0 0 8px;font-size:13px;color:var(--soft)}.legend span{margin-right:18px}
            .legend span::before{content:"";display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px}
            .legend .hit::before{background:var(--hit)}.legend .miss::before{background:var(--miss)}.legend .fail::before{background:var(--fail)}
            table{border-collapse:collapse;width:100%;font-size:13.5px}caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
            th,td{padding:6px 10px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
            thead th{color:var(--soft);font-weight:500;white-space:nowrap}tbody th{font-weight:500;overflow-wrap:anywhere;min-width:160px}
            tbody tr:last-child>*{border-bottom:0}td{overflow-wrap:anywhere}.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
            .word{white-space:nowrap}
            .due td:nth-child(4){color:var(--fail);font-weight:600}
            .bar{width:18%;min-width:70px;vertical-align:middle}.bar svg{height:8px}
            .columns{display:grid;gap:20px}details{margin-top:10px;font-size:13.5px}summary{cursor:pointer;color:var(--soft)}
            @media print{body{background:none}section,.tiles>div{break-inside:avoid}}
            """;

    private Style() {}
}
