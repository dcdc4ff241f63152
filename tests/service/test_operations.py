"""Names of the operations, which generated clients call them by; features of the application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import service
from service.app import FEATURES

if TYPE_CHECKING:
    from tests.service.conftest import Client

OPERATIONS = """
    addQuery addSynonyms analyze ask askStream bulkItems cancelJob cancelRun classify click
    compareLegs correct coverage createCollection decideContradiction decideProposal
    defectStatistics deleteItem deletePin deleteProfile deleteWebhook embed evaluationHistory
    exportBatch exportPins exportSynonyms getAnalysis getAnalysisImage getAnalysisThumbnail
    getCollection getEvaluation getItem getManual getPicture getQuality getRun getThumbnail
    getTrainingCurve getTrainingLoop getTuningGrid giveFeedback health importPins
    importSynonyms judgeQuality learnFromAnalysis listAnalyses listBanks listBatch
    listCalibrations listCollections listContradictions listDecisions listDeliveries listDrift
    listEvaluationErrors listEvaluations listEvents listFacetKeys listFailures listFusions
    listGenerations listItems listJobs listKeys listManuals listPins listProducts listProfiles
    listProposals listQuerySets listQueues listRunErrors listRuns listShards listSpaces listSynonyms
    listTrainingSteps listWeakQueries listWebhooks makeKey makeSample manual measureAnswers
    metrics nextLabels nextToJudge openaiEmbeddings openaiModels phrase putDefectType
    putJudgments putProduct putWebhook queueBatch queueJob readArticle ready registerArchive
    registerPicture removeSynonyms replaceSynonyms replayEvents reportBatch restoreManual
    revokeKey rollBack rotateKey rotateWebhookSecret runSql saveProfile search searchBatch
    searchByPicture searchCollections setShape setVectorSources signIn signOut similarItems
    suggest testWebhook tokenMatches toLabel tryProfile uploadManual upsertItems watchRun
    whoAmI writePin
"""


def test_operations_keep_their_names(client: Client) -> None:
    paths = client.get("/docs/openapi.json").json()["paths"]
    found = {operation["operationId"] for path in paths.values() for operation in path.values()}
    assert found == set(OPERATIONS.split())


def test_every_folder_with_dependencies_is_a_feature() -> None:
    folders = {path.parent.name for path in Path(service.__path__[0]).glob("*/deps.py")}
    assert folders == {feature.__module__.split(".")[1] for feature in FEATURES}
