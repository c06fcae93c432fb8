"""Asks a server by the client that openapi-python-client makes."""

import sys

from lendleaf import Client
from lendleaf.api.model import model
from lendleaf.api.predictions import predict
from lendleaf.models import PipelineInput, Predictions
from lendleaf.models.model import Model
from lendleaf.models.pipeline_input_car_ownership import PipelineInputCarOwnership
from lendleaf.models.pipeline_input_city import PipelineInputCity
from lendleaf.models.pipeline_input_house_ownership import PipelineInputHouseOwnership
from lendleaf.models.pipeline_input_married_single import PipelineInputMarriedSingle
from lendleaf.models.pipeline_input_profession import PipelineInputProfession
from lendleaf.models.pipeline_input_state import PipelineInputState

client = Client(base_url=sys.argv[1])
first = PipelineInput(
    income=1250000, age=34, experience=6, married=PipelineInputMarriedSingle.SINGLE,
    house_ownership=PipelineInputHouseOwnership.RENTED, car_ownership=PipelineInputCarOwnership.NO,
    profession=PipelineInputProfession.CIVIL_ENGINEER, city=PipelineInputCity.PATNA, state=PipelineInputState.BIHAR,
    current_job_yrs=4, current_house_yrs=12,
)
second = PipelineInput(
    income=5100233, age=77.5, experience=0, married=None, house_ownership=PipelineInputHouseOwnership.OWNED,
    profession=PipelineInputProfession.SURGEON, city=PipelineInputCity.BHOPAL, state=PipelineInputState.MADHYA_PRADESH,
    current_job_yrs=0, current_house_yrs=14,
)


def ask(body: PipelineInput | list[PipelineInput]) -> None:
    answer = predict.sync(client=client, body=body)
    assert isinstance(answer, Predictions), answer
    for r in answer.results:
        print(f"{r.prediction.value} {r.probabilities.default:.3f} {r.probabilities.no_default:.3f}")


ask(first)
ask([first, second])
facts = model.sync(client=client)
assert isinstance(facts, Model), facts
print(facts.hash_)
