"""Names of the operations, which generated clients call them by; features of the application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import service
from service.app import FEATURES

if TYPE_CHECKING:
    from tests.service.conftest import Client

OPERATIONS = """
    addQuery addSynonyms analyze ask askStream bulkItems cancelJob cancelRun changeCollection
    classify click compareLegs compareRuns correct coverage createCollection
    decideContradiction decideProposal defectStatistics deleteCollection deleteItem deletePin
    deleteProfile deleteWebhook dropGeneration dwell editItem embed evaluationHistory
    exportBatch exportPins exportSynonyms getAgreement getAnalysis getAnalysisImage
    getAnalysisThumbnail getCollection getCollectionSize getEvaluation getItem getManual
    getPicture getQuality getRun getThumbnail getTrainingCurve getTrainingLoop getTuningGrid
    giveFeedback health importPins importSynonyms judgeQuality learnFromAnalysis
    listAnalyses listBanks listBatch listCalibrations listCollections
    listContradictions listDecisions listDeliveries listDisk listDrift listEncoders
    listEvaluationErrors listEvaluationHistory listEvaluations listEvents listFacetKeys
    listFailures listFusions listGenerations listItems listJobs listKeys listLiveTests
    listManuals listPins listProducts listProfiles listProposals listQuerySets listQueues
    listReadings listRunErrors listRuns listSchedule listSearchTimes listSetQueries listShards
    listSpaces listSynonyms listTopQueries listTrainingSteps listVectorDrift listWeakQueries
    listWebhooks loadSample makeKey makeSample manual measureAnswers metWords metrics nextLabels
    nextToJudge openaiEmbeddings openaiModels phrase proveBackup putDefectType putJudgments
    putProduct putWebhook queueBatch queueJob readArticle ready registerArchive registerPicture
    removeSynonyms replaceSynonyms replayEvents reportBatch restoreManual revokeKey rollBack
    rotateKey rotateWebhookSecret runEvaluation runSql saveProfile search searchBatch
    searchByPicture searchCollections setLabels setShape setTaskTime setVectorSources signIn signOut
    similarItems startGeneration startLiveTest stopLiveTest suggest switchGeneration testWebhook
    toLabel tokenMatches tryProfile uploadManual upsertItems watchRun whoAmI withdrawJudgment
    writePin listEarlierReadings removeVectorSources
"""


def test_operations_keep_their_names(client: Client) -> None:
    paths = client.get("/docs/openapi.json").json()["paths"]
    found = {operation["operationId"] for path in paths.values() for operation in path.values()}
    assert found == set(OPERATIONS.split())


def test_every_folder_with_dependencies_is_a_feature() -> None:
    folders = {path.parent.name for path in Path(service.__path__[0]).glob("*/deps.py")}
    assert folders == {feature.__module__.split(".")[1] for feature in FEATURES}
