"""Routing: which experts the two domains use, and how far apart their uses are."""

from pathlib import Path

import numpy as np


def use(routes: list[dict]) -> np.ndarray:
    """Answers of `unimoe-audio routes --json` -> share of the steps that chose each expert, [layers, dynamic experts]."""
    first = routes[0]
    counts = np.zeros((first["layers"], first["routed_experts"] + first["null_experts"]))
    for answer in routes:
        for step in answer["routes"]:
            for layer, choice in enumerate(step):
                for expert in choice["experts"]:
                    if expert < counts.shape[1]:
                        counts[layer, expert] += 1
    return counts / max(1, sum(answer["steps"] for answer in routes))


def divergence(a: np.ndarray, b: np.ndarray) -> float:
    """Jensen-Shannon divergence of two distributions in bits: 0 for equal ones, 1 where they share nothing."""
    a, b = a / a.sum(), b / b.sum()
    middle = (a + b) / 2

    def relative(p: np.ndarray) -> float:
        inside = p > 0
        return float((p[inside] * np.log2(p[inside] / middle[inside])).sum())

    return (relative(a) + relative(b)) / 2


def summary(routes: dict[str, list[dict]]) -> dict:
    """Figures per domain, and the divergence between the first two domains' uses of the routed experts, per layer."""
    shares = {domain: use(answers) for domain, answers in routes.items() if answers}
    routed = next(iter(routes.values()))[0]["routed_experts"]
    result: dict = {"routed_experts": routed, "domains": {}}
    for domain, share in shares.items():
        result["domains"][domain] = {
            "routed_per_token": round(float(share[:, :routed].sum(1).mean()), 4),
            "null_share": round(float(share[:, routed:].sum(1).mean()), 4),
            "use": share.round(4).tolist(),
            "steps": sum(answer["steps"] for answer in routes[domain]),
        }
    if len(shares) >= 2:
        a, b = list(shares.values())[:2]
        layers = [round(divergence(x + 1e-9, y + 1e-9), 4) for x, y in zip(a[:, :routed], b[:, :routed])]
        result["divergence_bits"] = {"layers": layers, "mean": round(float(np.mean(layers)), 4)}
    return result


def draw(result: dict, path: Path) -> None:
    """One picture per domain: layers down, experts across."""
    from unimoe_train.evaluate.pictures import pyplot, save

    domains = result["domains"]
    figure, axes = pyplot().subplots(
        1, len(domains), figsize=(4.5 * len(domains), 3.6), squeeze=False, constrained_layout=True
    )
    for axis, (domain, entry) in zip(axes[0], domains.items()):
        share = np.array(entry["use"])
        image = axis.imshow(share, vmin=0, vmax=1, cmap="viridis", aspect="auto")
        names = [f"{i}" if i < result["routed_experts"] else "null" for i in range(share.shape[1])]
        axis.set(
            title=f"{domain}: {entry['routed_per_token']:.2f} routed experts a step",
            xlabel="expert",
            ylabel="layer",
            xticks=range(len(names)),
            xticklabels=names,
            yticks=range(len(share)),
        )
    figure.colorbar(image, ax=axes[0].tolist(), label="share of the steps")
    save(figure, path)
