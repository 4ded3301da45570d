"""A step that must not be taken: its loss or its gradient is not finite."""

from tunesmith.errors import UserError
from tunesmith.words import say

LOWER = 1 / 3
"""What the rate is multiplied by after going back: about half an order of magnitude, as rates are usually searched."""


class NotFiniteError(UserError):
    """A loss or gradient that is not finite; raised before the optimiser's step, so that the weights are whole.

    Args:
        step: the step that was to be taken, counted from 1.
        loss: its loss.
        norm: its gradient's norm.
        rate: the peak rate of the run so far, as the setting counts it.
    """

    def __init__(self, *, step: int, loss: float, norm: float, rate: float) -> None:
        self.step = step
        lower = f"train.learning_rate={rate * LOWER:.1e}"
        super().__init__(
            expected=say("a finite loss and gradient", "有限的损失和梯度"),
            got=say(
                f"loss {loss} and gradient norm {norm} in step {step}, at a rate of {rate:.1e}",
                f"第 {step} 步的损失为 {loss}，梯度范数为 {norm}，学习率为 {rate:.1e}",
            ),
            do=say(
                f"train anew with a lower rate: {lower}; if that ends so too, look for a text or weight that is"
                f" not as it should be",
                f"请用更低的学习率重新训练：{lower}；如果仍然如此，请检查是否有异常的文本或权重",
            ),
        )
