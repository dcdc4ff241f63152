-- Characters that LaTeX commands draw, by the command in lower case: what people type or paste instead. An
-- empty text: the command draws nothing that is a word or a sign of its own (layout, fonts, lines and arrows
-- above letters). Names of functions (sin, log, lim) are not here: an unknown command is its own name.
-- No SET: a constant, inlined.
--   SELECT impl.latex_symbols() ->> 'angle';   -- ∠
CREATE OR REPLACE FUNCTION impl.latex_symbols()
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.jsonb '{
    "angle": "∠", "measuredangle": "∠", "triangle": "△", "bigtriangleup": "△", "vartriangle": "△",
    "square": "□", "box": "□", "parallel": "∥", "perp": "⊥", "bot": "⊥", "therefore": "∴", "because": "∵",
    "degree": "°", "circ": "∘", "equiv": "≡", "cong": "≅", "sim": "∽", "backsim": "∽", "simeq": "≃",
    "approx": "≈", "propto": "∝", "neq": "≠", "ne": "≠", "leq": "≤", "le": "≤", "leqslant": "≤", "geq": "≥",
    "ge": "≥", "geqslant": "≥", "ll": "≪", "gg": "≫", "lt": "<", "gt": ">", "pm": "±", "mp": "∓",
    "times": "×", "textdollar": "$", "bigcirc": "○",
    "div": "÷", "cdot": "·", "ast": "*", "star": "⋆", "bullet": "•", "sqrt": "√", "surd": "√", "infty": "∞",
    "sum": "∑", "prod": "∏", "int": "∫", "oint": "∮", "partial": "∂", "nabla": "∇", "in": "∈", "ni": "∋",
    "notin": "∉", "subset": "⊂", "supset": "⊃", "subseteq": "⊆", "supseteq": "⊇", "cup": "∪", "cap": "∩",
    "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃", "neg": "¬", "lnot": "¬", "land": "∧",
    "wedge": "∧", "lor": "∨", "vee": "∨", "oplus": "⊕", "otimes": "⊗", "to": "→", "rightarrow": "→",
    "longrightarrow": "→", "gets": "←", "leftarrow": "←", "leftrightarrow": "↔", "implies": "⇒", "iff": "⇔",
    "leftrightarrows": "⇄", "uparrow": "↑", "downarrow": "↓", "mapsto": "↦", "prime": "′", "ell": "l",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "varpi": "π", "rho": "ρ", "varrho": "ρ", "sigma": "σ", "varsigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "frac": "", "dfrac": "", "tfrac": "", "cfrac": "", "overline": "", "underline": "", "bar": "", "vec": "",
    "hat": "", "widehat": "", "tilde": "", "widetilde": "", "dot": "", "ddot": "", "overbrace": "",
    "underbrace": "", "overrightarrow": "", "overleftarrow": "", "overleftrightarrow": "", "overarc": "",
    "wideparen": "", "overset": "", "underset": "", "stackrel": "", "boxed": "", "cancel": "", "phantom": "",
    "left": "", "right": "", "middle": "", "big": "", "bigg": "", "bigl": "", "bigr": "", "biggl": "",
    "biggr": "", "displaystyle": "", "textstyle": "", "scriptstyle": "", "limits": "", "nolimits": "",
    "mathrm": "", "mathbf": "", "mathit": "", "mathsf": "", "mathbb": "", "mathcal": "", "mathfrak": "",
    "boldsymbol": "", "operatorname": "", "text": "", "textbf": "", "textit": "", "textrm": "", "mbox": "",
    "rm": "", "bf": "", "it": "", "quad": "", "qquad": "", "hspace": "", "vspace": "", "hline": "",
    "begin": "", "end": "", "label": "", "tag": "", "cdots": "", "ldots": "", "dots": "", "vdots": "",
    "vert": "", "not": "", "allowbreak": "", "binom": "", "textsc": "",
     "mid": "", "backslash": "", "lbrace": "", "rbrace": "", "langle": "", "rangle": ""
}' $$;

COMMENT ON FUNCTION impl.latex_symbols() IS
    'Characters that LaTeX commands draw, by command; empty for those that draw none.';
